// The templates of the store: immutable versions, one of them active; files of the templates directory are taken in at
// start by the same rule as flows.
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import {
  mailErrors,
  type MailRenderer,
  readTemplates,
  type TemplateFiles,
  type TemplateManifest,
} from '../../mail/index.js';
import { toPointer } from '../../engine/errors/json-pointer.js';
import type { TemplateProblem } from '../../mail/index.js';
import type { Models } from '../../store/connect.js';
import type { TemplateRecord } from '../../store/models/template.js';
import { insertOnce, isDuplicate } from '../../store/insert-once.js';
import { ParsedTexts } from '../../store/parsed-texts.js';
import type { Clock } from '../clock.js';
import { serverErrors } from '../server-errors.js';

export interface TemplateVersion {
  readonly name: string;
  readonly version: number;
  readonly status: TemplateRecord['status'];
  readonly hash: string;
  readonly savedAt: Date;
  readonly savedBy: string;
  readonly source: string | undefined;
  readonly template: TemplateFiles;
}

const savesMax = 20;

const hashOf = ({ files, partials }: TemplateFiles): string =>
  createHash('sha256')
    .update(JSON.stringify([Object.entries(files).sort(byKey), Object.entries(partials).sort(byKey)]))
    .digest('hex');
const byKey = (left: readonly [string, unknown], right: readonly [string, unknown]): number =>
  left[0] < right[0] ? -1 : 1;

/** What a template's `template.json` says. @throws {RecourseError} `mail.template-invalid` */
export function manifestOf({ name, files }: TemplateFiles): TemplateManifest {
  try {
    return JSON.parse(files['template.json'] ?? '') as TemplateManifest;
  } catch (error) {
    throw mailErrors.error('template-invalid', `template.json of ${name} is not JSON`, { cause: error });
  }
}

/** The variables of each template, as JSON Schema. @throws {RecourseError} `mail.template-invalid` */
export const schemasOf = (templates: ReadonlyMap<string, TemplateFiles>): ReadonlyMap<string, unknown> =>
  new Map([...templates].map(([name, template]) => [name, manifestOf(template).variables]));

export class Templates {
  readonly #models: Models;
  readonly #renderer: MailRenderer;
  readonly #clock: Clock;
  readonly #files = new ParsedTexts<TemplateFiles>();

  constructor(models: Models, renderer: MailRenderer, clock: Clock) {
    this.#models = models;
    this.#renderer = renderer;
    this.#clock = clock;
  }

  /** The active version of each template, by name. */
  async active(): Promise<ReadonlyMap<string, TemplateVersion>> {
    const found = await this.#models.templates
      .find({ status: 'active' })
      .sort({ name: 1 })
      .lean<TemplateRecord[]>();
    return new Map(found.map((record) => [record.name, this.#toVersion(record)]));
  }

  /** The variables of each active template, as JSON Schema. */
  async schemas(): Promise<ReadonlyMap<string, unknown>> {
    return schemasOf(new Map([...(await this.active())].map(([name, { template }]) => [name, template])));
  }

  /** A version, or the active one, if there is one. */
  async find(name: string, version?: number): Promise<TemplateVersion | undefined> {
    const found = await this.#models.templates
      .findOne(version === undefined ? { name, status: 'active' } : { name, templateVersion: version })
      .lean<TemplateRecord | null>();
    return found === null ? undefined : this.#toVersion(found);
  }

  /** @throws {RecourseError} `server.template-unknown` */
  async get(name: string, version?: number): Promise<TemplateVersion> {
    const found = await this.find(name, version);
    if (found !== undefined) return found;
    const which = version === undefined ? 'active version' : `version ${version}`;
    throw serverErrors.error('template-unknown', `the template ${JSON.stringify(name)} has no ${which}`);
  }

  /** All versions of a template, the newest first. @throws {RecourseError} `server.template-unknown` */
  async versions(name: string): Promise<readonly TemplateVersion[]> {
    const found = await this.#models.templates
      .find({ name })
      .sort({ templateVersion: -1 })
      .lean<TemplateRecord[]>();
    if (found.length === 0)
      throw serverErrors.error('template-unknown', `there is no template ${JSON.stringify(name)}`);
    return found.map((record) => this.#toVersion(record));
  }

  validate(template: TemplateFiles): Promise<readonly TemplateProblem[]> {
    return this.#renderer.validate(template);
  }

  /**
   * Saves a template as its next version, and makes it the active one if the active one is `expected` (0: none).
   *
   * @throws {RecourseError} `mail.template-invalid` with all problems, `server.edited-meanwhile`
   */
  async save(
    template: TemplateFiles,
    by: string,
    { expected, source }: { readonly expected: number; readonly source?: string },
  ): Promise<TemplateVersion> {
    const problems = await this.validate(template);
    if (problems.length > 0) {
      throw mailErrors.error('template-invalid', `${template.name} has ${problems.length} problems`, {
        problems: problems.map(({ code, detail, file, line, column }) => ({
          pointer: toPointer([file]),
          code,
          detail: `${file}:${line}:${column} ${detail}`,
        })),
        data: { templateProblems: problems },
      });
    }
    const version = await this.#insert(template, by, source);
    await this.activate(template.name, version, expected);
    return this.get(template.name, version);
  }

  async #insert(template: TemplateFiles, by: string, source: string | undefined): Promise<number> {
    for (let attempt = 0; attempt < savesMax; attempt += 1) {
      const newest = await this.#models.templates
        .findOne({ name: template.name })
        .sort({ templateVersion: -1 })
        .lean<TemplateRecord | null>();
      const version = (newest?.templateVersion ?? 0) + 1;
      const inserted = await insertOnce(() =>
        this.#models.templates.create({
          _id: `${template.name}:${version}`,
          name: template.name,
          templateVersion: version,
          status: 'draft',
          hash: hashOf(template),
          files: JSON.stringify(template),
          savedAt: this.#clock.now(),
          savedBy: by,
          ...(source === undefined ? {} : { source }),
        }),
      );
      if (inserted === 'new') return version;
    }
    throw serverErrors.error('edited-meanwhile', `${template.name} is being saved by many at once`);
  }

  /**
   * Makes a version the active one, if `expected` (0: none) still is.
   *
   * @throws {RecourseError} `server.template-unknown`, `server.edited-meanwhile`
   */
  async activate(name: string, version: number, expected: number): Promise<void> {
    await this.get(name, version);
    const { templates } = this.#models;
    if (expected === version) return;
    const session = await templates.db.startSession();
    try {
      await session.withTransaction(async () => {
        if (expected > 0) {
          const { matchedCount } = await templates.updateOne(
            { name, templateVersion: expected, status: 'active' },
            { $set: { status: 'retired' } },
            { session },
          );
          if (matchedCount !== 1) throw toEdited(name, expected);
        }
        await templates.updateOne(
          { name, templateVersion: version },
          { $set: { status: 'active' } },
          { session },
        );
      });
    } catch (error) {
      // Another version is active already: the index lets one be.
      if (isDuplicate(error)) throw toEdited(name, expected);
      throw error;
    } finally {
      await session.endSession();
    }
  }

  /** Takes the files of the templates directory in; what was edited in the store is left alone and reported. */
  async syncFiles(directory: string, log: Logger): Promise<void> {
    const active = await this.active();
    for (const [name, template] of await readTemplates(directory)) {
      const hash = hashOf(template);
      const current = active.get(name);
      if (current?.hash === hash) continue;
      const known = await this.#models.templates.findOne({ name, hash }).lean<TemplateRecord | null>();
      if (known !== null && known.status !== 'draft') continue;
      if (current !== undefined && current.source === undefined) {
        log.warn(
          { template: name, active: current.version },
          'the template was edited here: its files change nothing',
        );
        continue;
      }
      try {
        await this.save(template, 'files', { expected: current?.version ?? 0, source: hash });
        log.info({ template: name }, 'template files were activated');
      } catch (error) {
        log.error({ template: name, err: error }, 'template files are not valid and were left alone');
      }
    }
  }

  #toVersion(record: TemplateRecord): TemplateVersion {
    return {
      name: record.name,
      version: record.templateVersion,
      status: record.status,
      hash: record.hash,
      savedAt: record.savedAt,
      savedBy: record.savedBy,
      source: record.source,
      template: this.#files.parse(record.files),
    };
  }
}

const toEdited = (name: string, expected: number) =>
  serverErrors.error('edited-meanwhile', `the active version of ${name} is not ${expected} any more`);
