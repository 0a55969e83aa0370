// What the application is made of beside HTTP: templates, mails, and the engine with its actions.
import { join } from 'node:path';
import { callActions, type Connections, HttpCaller } from '../connections/index.js';
import { MailRenderer, type MailTransport } from '../mail/index.js';
import type { PaymentPort } from '../orders/ports/payment.js';
import type { Clock } from './clock.js';
import { Assignees } from './engine/assignees.js';
import { composeEngine, type EngineParts, type ServerEngine } from './engine/compose-engine.js';
import { shopActions } from './engine/shop-actions.js';
import { Mails } from './mails/mail-handler.js';
import { Templates } from './mails/templates.js';
import { Jobs } from './runs/jobs.js';
import { projectRoot } from './project-root.js';
import { Upkeep } from './upkeep.js';

export interface ServiceParts extends Pick<EngineParts, 'database' | 'log' | 'schemas' | 'pollMs'> {
  readonly payment: PaymentPort;
  /** The other systems that flows may call; none if left out. */
  readonly connections?: Connections;
  /** Closed with the services. */
  readonly transport: MailTransport;
  /** Sender of all mails. */
  readonly from: string;
  readonly clock: Clock;
  readonly engineClock?: EngineParts['clock'];
}

export interface Services {
  readonly flows: ServerEngine;
  readonly templates: Templates;
  readonly mails: Mails;
  readonly renderer: MailRenderer;
  readonly jobs: Jobs;
  /** Takes the files of templates and flows in. */
  takeFiles(): Promise<void>;
  /** Begins to work on what is due. */
  begin(): void;
  close(): Promise<void>;
}

export async function composeServices(parts: ServiceParts): Promise<Services> {
  const { database, payment, connections, transport, from, clock, engineClock, ...engine } = parts;
  const { models } = database;
  const renderer = new MailRenderer();
  const templates = new Templates(models, renderer, clock);
  const mails = new Mails({ models, templates, renderer, transport, clock, from });
  const caller = new HttpCaller(connections ?? new Map());
  const closeDoors = async (): Promise<void> => {
    await caller.close();
    await transport.close();
    await renderer.close();
  };
  try {
    const flows = await composeEngine({
      ...engine,
      database,
      actions: [...shopActions(models, payment), ...callActions(caller)],
      templateSchemas: () => templates.schemas(),
      mailHandler: mails.handler,
      assignees: new Assignees(models),
      ...(engineClock === undefined ? {} : { clock: engineClock }),
    });
    const jobs = new Jobs({ models, engine: flows.engine, clock, log: engine.log });
    const upkeep = new Upkeep({ jobs: () => jobs.resume(), mails: () => mails.sendLeft() }, engine.log);
    return {
      flows,
      jobs,
      templates,
      mails,
      renderer,
      async takeFiles() {
        await templates.syncFiles(join(projectRoot(), 'templates'), engine.log);
        await flows.syncFiles();
      },
      begin() {
        flows.engine.open();
        upkeep.begin();
      },
      async close() {
        await upkeep.close();
        await jobs.close();
        await flows.engine.close();
        await closeDoors();
      },
    };
  } catch (error) {
    await closeDoors();
    throw error;
  }
}
