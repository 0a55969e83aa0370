#!/usr/bin/env node
// The command `recourse`. Errors leave as a sentence and what to do about it, never as a stack.
import { Command } from 'commander';
import { RecourseError } from '../engine/errors/recourse-error.js';
import { banner } from './banner.js';
import { backUp } from './commands/back-up.js';
import { isGood, testedFlowsText } from './commands/test-flows.js';
import { flowsDirectory } from './engine/compose-engine.js';
import { resetUser } from './commands/reset-user.js';
import { restore } from './commands/restore.js';
import { readConfig } from './config.js';
import { createLog, writeToStandardError } from './log.js';
import { serve } from './main.js';
import { storeErrors } from '../store/store-errors.js';
import { toStoreError } from '../store/store-faults.js';

const usageExitCode = 2;

interface Output {
  /** One object for programs, or a text for people. */
  say(result: Record<string, unknown>, text: string): void;
  fail(error: unknown): void;
}

function outputOf(json: boolean): Output {
  return {
    say: (result, text) => process.stdout.write(`${json ? JSON.stringify(result) : text}\n`),
    fail(thrown) {
      const error = toStoreError(thrown);
      process.exitCode = 1;
      const known = error instanceof RecourseError ? error : undefined;
      const code = known?.code ?? 'server.internal';
      const detail = error instanceof Error ? error.message : String(error);
      const remedy = known?.entry.remedy ?? 'Report it with this text.';
      if (json) process.stdout.write(`${JSON.stringify({ error: { code, detail, remedy } })}\n`);
      else process.stderr.write(`recourse: ${detail}\n  ${remedy}\n`);
    },
  };
}

const program = new Command('recourse')
  .description('A low-code flow engine for everything that happens after an order is placed.')
  .option('--json', 'answer with one JSON object a line')
  .exitOverride()
  .showHelpAfterError()
  .configureHelp({ showGlobalOptions: true });

/** Runs a command and tells its end. */
const command =
  (work: (output: Output, ...parameters: string[]) => Promise<void>) =>
  async (...given: unknown[]): Promise<void> => {
    const output = outputOf(program.opts<{ json?: boolean }>().json === true);
    try {
      await work(output, ...given.filter((value): value is string => typeof value === 'string'));
    } catch (error) {
      output.fail(error);
    }
  };

program
  .command('serve')
  .description('start the server; HOST, PORT, DATA_DIR, MONGODB_URI, LOG_LEVEL and DEMO configure it')
  .action(
    command(async (output) => {
      const config = readConfig(process.env);
      const log = createLog(config.logLevel, writeToStandardError);
      for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
        process.on(event, (error: unknown) => {
          log.fatal({ err: error }, event);
          process.exit(1);
        });
      }
      const server = await serve(config, log);
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        process.on(signal, () => {
          log.info({ signal }, 'stopping');
          void server.stop().catch((error: unknown) => {
            log.fatal({ err: error }, 'the stop failed');
            process.exitCode = 1;
          });
        });
      }
      const { url, ordersLoaded, users } = server;
      output.say({ url, ordersLoaded, users: users ?? null }, banner(config, server));
    }),
  );

program
  .command('backup')
  .argument('<file>', 'a file that does not exist yet')
  .description('write a checked copy of the embedded store, also while the server runs')
  .action(
    command(async (output, file) => {
      const { bytes, through } = await backUp(readConfig(process.env), file!);
      const how = through === 'server' ? 'through the running server' : 'no server was running';
      output.say({ file, bytes, through }, `${bytes} bytes written to ${file} (${how})`);
    }),
  );

program
  .command('restore')
  .argument('<file>', 'a file that `recourse backup` has written')
  .description(
    'put a backup in the place of the embedded store, also while the server runs; the present data is kept aside',
  )
  .action(
    command(async (output, file) => {
      const { dataDir, mongodbUri } = readConfig(process.env);
      if (mongodbUri !== undefined) {
        throw storeErrors.error('backup-not-supported', 'the data is in MongoDB (MONGODB_URI)');
      }
      const { aside, through } = await restore(dataDir, file!);
      const kept = aside === null ? '' : `; the data of before is in ${aside}`;
      output.say({ file, aside, through }, `${file} restored into ${dataDir}${kept}`);
    }),
  );

program
  .command('user')
  .description('users')
  .command('reset')
  .argument('<name>', 'the user name')
  .description('give a user a new password, print it, and end all of the sessions of the user')
  .action(
    command(async (output, name) => {
      const { username, password } = await resetUser(readConfig(process.env), name!);
      output.say({ username, password }, `${username}  ${password}`);
    }),
  );

program
  .command('validate')
  .argument('[flows...]', 'names of flows; all if left out')
  .option('--directory <directory>', 'where the flows are', flowsDirectory())
  .description(
    'check flow files without a server: every problem with its line and column; exit code 1 if there is an error',
  )
  .action(async (flows: string[], options: { directory: string }) => {
    const output = outputOf(program.opts<{ json?: boolean }>().json === true);
    try {
      const { checkFlows, checkedFlowsText } = await import('./commands/validate-flows.js');
      const checked = await checkFlows(options.directory, flows);
      output.say({ files: checked }, checkedFlowsText(checked));
      if (checked.some(({ problems }) => problems.some(({ severity }) => severity === 'error')))
        process.exitCode = 1;
    } catch (error) {
      output.fail(error);
    }
  });

program
  .command('test')
  .argument('[flows...]', 'names of flows; all if left out')
  .option('--directory <directory>', 'where the flows are', flowsDirectory())
  .option('--coverage-min <percent>', 'exit with 1 if a flow reaches less of its outcomes', '0')
  .description('play the scenarios beside flows, and show which outcomes of each flow they reach')
  .action(async (flows: string[], options: { directory: string; coverageMin: string }) => {
    const output = outputOf(program.opts<{ json?: boolean }>().json === true);
    try {
      const { testFlows } = await import('../scenarios/test-flows.js');
      const tested = await testFlows(options.directory, flows);
      output.say({ ...tested }, testedFlowsText(tested));
      if (!isGood(tested, Number(options.coverageMin))) process.exitCode = 1;
    } catch (error) {
      output.fail(error);
    }
  });

try {
  await program.parseAsync();
} catch (error) {
  // Help that was asked for is no failure.
  const { exitCode } = error as { exitCode?: number };
  process.exitCode = exitCode === 0 ? 0 : usageExitCode;
}
