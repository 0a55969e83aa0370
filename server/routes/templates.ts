// Mail templates: what there is, editing with nobody's change lost, checks, previews, versions and a test mail.
import type { Request, Response } from 'express';
import { mailErrors, type TemplateFiles } from '../../mail/index.js';
import type { Models } from '../../store/connect.js';
import { loadAggregate } from '../../store/order-binding.js';
import { toOrderView } from '../../orders/aggregate/order-view.js';
import { items } from '../answers/answer.js';
import {
  listedTemplate,
  renderedMail,
  sentTest,
  templateCheck,
  templateVersion,
  wholeTemplate,
} from '../answers/flow-answers.js';
import type { Services } from '../compose-services.js';
import { type Input, InputCheck } from '../input.js';
import { mailVariablesOf } from '../mails/mail-variables.js';
import { manifestOf, type TemplateVersion } from '../mails/templates.js';
import { ifMatch, requireSeen, signedIn } from '../request/conditions.js';
import { activateBody } from '../request/inputs.js';
import { serverErrors } from '../server-errors.js';
import type { Route } from './route.js';

const fileSet = {
  type: 'object',
  maxProperties: 100,
  additionalProperties: { type: 'string', maxLength: 65_536 },
} as const;
const files = { ...fileSet, description: 'the files by their path, as en/body.html.hbs' } as const;
const partials = {
  ...fileSet,
  description: 'shared files by their path; those of the active version if absent',
} as const;
const editBody = new InputCheck({
  type: 'object',
  properties: { files, partials },
  required: ['files'],
  additionalProperties: false,
});
const locale = {
  type: 'string',
  pattern: '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$',
  description: 'a language, such as de-CH',
} as const;
const previewBody = new InputCheck({
  type: 'object',
  properties: {
    files,
    partials,
    locale,
    variables: { type: 'object', description: 'the variables; the sample data if absent' },
    order: {
      type: 'string',
      pattern: '^[A-Za-z0-9._-]{1,40}$',
      description: 'number of an order whose data are taken where they fit',
    },
  },
  additionalProperties: false,
});
const testBody = new InputCheck({
  type: 'object',
  properties: {
    to: { type: 'string', format: 'email', maxLength: 254, description: 'where the test mail goes' },
    locale,
  },
  required: ['to'],
  additionalProperties: false,
});

const nameOf = (request: Request): string => {
  const name = String(request.params['template']);
  if (/^[a-z][a-z0-9-]{0,80}$/.test(name)) return name;
  throw serverErrors.error('template-unknown', `there is no template ${JSON.stringify(name.slice(0, 80))}`);
};

const versionJson = ({ version, status, hash, savedAt, savedBy, source }: TemplateVersion) => ({
  version,
  status,
  hash,
  savedAt,
  savedBy,
  isFromFiles: source !== undefined,
});

const wholeJson = (found: TemplateVersion) => {
  const { title, description, defaultLocale, variables } = manifestOf(found.template);
  return {
    name: found.name,
    ...versionJson(found),
    title,
    description,
    defaultLocale,
    variables,
    files: found.template.files,
    partials: found.template.partials,
  };
};

/** The whole version, with its ETag. */
function answer(response: Response, found: TemplateVersion): void {
  response.setHeader('ETag', `"${found.version}"`);
  response.json(wholeJson(found));
}

/** The template as it is sent; partials that are left out are those of the active version. */
const edited = (name: string, body: Input, active: TemplateVersion | undefined): TemplateFiles => ({
  name,
  files: body['files'] as TemplateFiles['files'],
  partials: (body['partials'] ?? active?.template.partials ?? {}) as TemplateFiles['partials'],
});

export function templateRoutes(models: Models, { templates, renderer, mails }: Services): Route[] {
  /** The template as it is sent, or the active version where nothing is. */
  const given = async (name: string, body: Input): Promise<TemplateFiles> =>
    body['files'] === undefined
      ? (await templates.get(name)).template
      : edited(name, body, await templates.find(name));
  return [
    {
      method: 'get',
      path: '/api/v1/templates',
      access: { permission: 'templates.read' },
      summary: 'Mail templates.',
      answers: { 200: items(listedTemplate) },
      async handle(_request, response) {
        response.json({
          items: [...(await templates.active()).values()].map((found) => {
            const { title, description, defaultLocale } = manifestOf(found.template);
            const locales = new Set(
              Object.keys(found.template.files)
                .filter((path) => path.includes('/'))
                .map((path) => path.split('/')[0]!),
            );
            return {
              name: found.name,
              title,
              description,
              defaultLocale,
              locales: [...locales].sort(),
              ...versionJson(found),
            };
          }),
        });
      },
    },
    {
      method: 'get',
      path: '/api/v1/templates/:template',
      access: { permission: 'templates.read' },
      summary: 'The active version of a template.',
      answers: { 200: wholeTemplate },
      async handle(request, response) {
        answer(response, await templates.get(nameOf(request)));
      },
    },
    {
      method: 'put',
      path: '/api/v1/templates/:template',
      access: { permission: 'templates.edit' },
      summary: 'Save a template as a new version, and make it the active one.',
      needs: 'if-match',
      body: editBody,
      audited: 'without-body',
      answers: { 201: wholeTemplate },
      async handle(request, response, { body }) {
        const seen = ifMatch(request);
        const name = nameOf(request);
        const active = await templates.find(name);
        const version = active?.version ?? 0;
        requireSeen(seen, [version], `the active version of ${name} is ${version}, not ${seen}`, {
          active: version,
        });
        const saved = await templates.save(edited(name, body, active), signedIn(response).userName, {
          expected: version,
        });
        response.status(201);
        answer(response, saved);
      },
    },
    {
      method: 'post',
      path: '/api/v1/templates/:template/validate',
      access: { permission: 'templates.read' },
      isCostly: true,
      summary: 'Every problem of a template, with its place.',
      body: previewBody,
      answers: { 200: templateCheck },
      async handle(request, response, { body }) {
        const template = await given(nameOf(request), body);
        const problems = await templates.validate(template);
        response.json({ valid: problems.length === 0, problems });
      },
    },
    {
      method: 'post',
      path: '/api/v1/templates/:template/preview',
      access: { permission: 'templates.read' },
      isCostly: true,
      summary: 'The mail exactly as it would arrive.',
      body: previewBody,
      answers: { 200: renderedMail },
      async handle(request, response, { body }) {
        const template = await given(nameOf(request), body);
        const { defaultLocale } = manifestOf(template);
        let language = body['locale'] === undefined ? undefined : String(body['locale']);
        let variables: unknown = body['variables'] ?? sampleOf(template);
        if (body['order'] !== undefined) {
          const found = await loadAggregate(models, String(body['order']));
          if (found === undefined)
            throw serverErrors.error('not-found', `there is no order ${String(body['order'])}`);
          const order = toOrderView(found.aggregate);
          language ??= String(order['locale']);
          variables = mailVariablesOf(manifestOf(template).variables, order, variables);
        }
        const mail = await renderer.render({ template, locale: language ?? defaultLocale, variables });
        response.json({ ...mail, variables });
      },
    },
    {
      method: 'get',
      path: '/api/v1/templates/:template/versions',
      access: { permission: 'templates.read' },
      summary: 'The versions of a template.',
      answers: { 200: items(templateVersion) },
      async handle(request, response) {
        response.json({ items: (await templates.versions(nameOf(request))).map(versionJson) });
      },
    },
    {
      method: 'get',
      path: '/api/v1/templates/:template/versions/:version',
      access: { permission: 'templates.read' },
      summary: 'One version of a template.',
      answers: { 200: wholeTemplate },
      async handle(request, response) {
        const version = Number(request.params['version']);
        response.json(
          wholeJson(await templates.get(nameOf(request), Number.isInteger(version) ? version : 0)),
        );
      },
    },
    {
      method: 'post',
      path: '/api/v1/templates/:template/activate',
      access: { permission: 'templates.edit' },
      summary: 'Make a version the active one: roll back.',
      needs: 'if-match',
      body: activateBody,
      audited: 'with-body',
      answers: { 200: wholeTemplate },
      async handle(request, response, { body }) {
        const seen = ifMatch(request);
        const { version } = body;
        const name = nameOf(request);
        await templates.activate(name, Number(version), Number(seen));
        answer(response, await templates.get(name));
      },
    },
    {
      method: 'post',
      path: '/api/v1/templates/:template/test',
      access: { permission: 'templates.edit' },
      isCostly: true,
      summary: 'Send it, with its sample data.',
      body: testBody,
      answers: { 202: sentTest },
      async handle(request, response, { body }) {
        const { to, locale: wanted } = body;
        const name = nameOf(request);
        const { template } = await templates.get(name);
        const { userName } = signedIn(response);
        const id = await mails.sendTest(
          {
            template: name,
            to: [String(to)],
            variables: sampleOf(template),
            ...(wanted === undefined ? {} : { locale: String(wanted) }),
          },
          userName,
        );
        response.status(202).json({ mail: id });
      },
    },
  ];
}

/** @throws {RecourseError} `mail.template-invalid` */
function sampleOf({ name, files: all }: TemplateFiles): unknown {
  try {
    return JSON.parse(all['sample.json'] ?? '{}');
  } catch (error) {
    throw mailErrors.error('template-invalid', `sample.json of ${name} is not JSON`, { cause: error });
  }
}
