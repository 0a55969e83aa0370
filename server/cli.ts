#!/usr/bin/env node
// The command `recourse`. Errors leave as a sentence and what to do about it, never as a stack. What only one command needs, that
// command loads: most of them have nothing to do but to ask the server.
import { Argument, Command, type CommanderError, Option } from 'commander';
import { RecourseError } from '../engine/errors/recourse-error.js';
import { runStatuses } from './answers/run-answers.js';
import { banner } from './banner.js';
import { type AuditFilter, auditText, listAudit } from './commands/audit.js';
import { flowsDirectory } from './engine/flows-directory.js';
import {
  exportFlows,
  importFlows,
  type RunOptions,
  runFlow,
  runText,
  writeBundle,
} from './commands/flow-commands.js';
import { jsonValue, wholeNumber } from './commands/option-values.js';
import { jobText, listRuns, operateRuns, type RunFilter, runsText } from './commands/run-commands.js';
import { addUser, listUsers, usersText } from './commands/user-commands.js';
import { operations } from './runs/operation-inputs.js';
import { readConfig } from './config.js';
import { keepNurseryToMainThread } from './nursery.js';
import { createLog, writeToStandardError } from './log.js';
import { serverErrors } from './server-errors.js';
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

keepNurseryToMainThread();

const program = new Command('recourse')
  .description('A low-code flow engine for everything that happens after an order is placed.')
  .option('--json', 'answer with one JSON object a line')
  .exitOverride()
  .configureOutput({
    // Whoever asks for JSON is told in JSON, once it is known what was mistyped.
    writeErr: (text) => void (wantsJson() || process.stderr.write(text)),
  })
  .showHelpAfterError()
  .configureHelp({ showGlobalOptions: true });

function wantsJson(): boolean {
  return program.opts<{ json?: boolean }>().json === true;
}

/** Runs a command and tells its end. */
const command =
  (work: (output: Output, ...parameters: string[]) => Promise<void>) =>
  async (...given: unknown[]): Promise<void> => {
    const output = outputOf(wantsJson());
    try {
      await work(output, ...given.filter((value): value is string => typeof value === 'string'));
    } catch (error) {
      output.fail(error);
    }
  };

/** The same for a command with options, which come after its arguments. */
const commandWith =
  <Options>(work: (output: Output, parameters: readonly string[], options: Options) => Promise<void>) =>
  async (...given: unknown[]): Promise<void> => {
    const output = outputOf(wantsJson());
    // Last come the options and the command itself.
    const options = given.at(-2) as Options;
    const parameters = given
      .slice(0, -2)
      .flat()
      .filter((value): value is string => typeof value === 'string');
    try {
      await work(output, parameters, options);
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
      const { serve } = await import('./main.js');
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
      const { backUp } = await import('./commands/back-up.js');
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
      const { restore } = await import('./commands/restore.js');
      const { aside, through } = await restore(dataDir, file!);
      const kept = aside === null ? '' : `; the data of before is in ${aside}`;
      output.say({ file, aside, through }, `${file} restored into ${dataDir}${kept}`);
    }),
  );

const user = program.command('user').description('users');

user
  .command('list')
  .description('list all users')
  .action(
    commandWith(async (output) => {
      const items = await listUsers(readConfig(process.env));
      output.say({ items }, usersText(items));
    }),
  );

user
  .command('add')
  .argument('<name>', 'the user name')
  .requiredOption('--role <names...>', 'names of roles')
  .option('--display-name <name>', 'what the user is called; the user name if left out')
  .option('--customer <number>', 'of a shopper: the number of their customer')
  .description('make a user and print the password')
  .action(
    commandWith<{ role: string[]; displayName?: string; customer?: string }>(
      async (output, [name], options) => {
        const { username, password } = await addUser(readConfig(process.env), name!, options);
        output.say({ username, password }, `${username}  ${password}`);
      },
    ),
  );

user
  .command('reset')
  .argument('<name>', 'the user name')
  .description('give a user a new password, print it, and end all of the sessions of the user')
  .action(
    command(async (output, name) => {
      const { resetUser } = await import('./commands/reset-user.js');
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
  .action(
    commandWith<{ directory: string }>(async (output, flows, { directory }) => {
      const { checkFlows, checkedFlowsText, hasErrors } = await import('./commands/validate-flows.js');
      const checked = await checkFlows(directory, flows);
      output.say({ files: checked }, checkedFlowsText(checked));
      if (checked.some(hasErrors)) process.exitCode = 1;
    }),
  );

program
  .command('test')
  .argument('[flows...]', 'names of flows; all if left out')
  .option('--directory <directory>', 'where the flows are', flowsDirectory())
  .option('--coverage-min <percent>', 'exit with 1 if a flow reaches less of its outcomes', '0')
  .description('play the scenarios beside flows, and show which outcomes of each flow they reach')
  .action(
    commandWith<{ directory: string; coverageMin: string }>(async (output, flows, options) => {
      const { checkFlows, checkedFlowsText, hasErrors } = await import('./commands/validate-flows.js');
      const checked = await checkFlows(options.directory, flows);
      if (checked.some(hasErrors)) {
        output.say(
          { files: checked },
          `${checkedFlowsText(checked)}\nNothing is played until they are sound.`,
        );
        process.exitCode = 1;
        return;
      }
      const { isGood, testedFlowsText } = await import('./commands/test-flows.js');
      const { testFlows } = await import('../scenarios/test-flows.js');
      const tested = await testFlows(options.directory, flows);
      output.say({ ...tested }, testedFlowsText(tested));
      if (!isGood(tested, Number(options.coverageMin))) process.exitCode = 1;
    }),
  );

program
  .command('export')
  .argument('[file]', 'a file that does not exist yet; standard output if left out')
  .option('--flows <names...>', 'names of flows; all active ones if left out', [])
  .description('write active flows as one document, for another server')
  .action(
    commandWith<{ flows: string[] }>(async (output, [file], { flows }) => {
      const bundle = await exportFlows(readConfig(process.env), flows);
      if (file === undefined) {
        output.say({ ...bundle }, JSON.stringify(bundle, undefined, 2));
        return;
      }
      await writeBundle(file, bundle);
      const names = Object.keys(bundle.flows);
      output.say({ file, flows: names }, `${names.length} flows written to ${file}`);
    }),
  );

program
  .command('import')
  .argument('<file>', 'a file that `recourse export` has written')
  .option('--activate', 'make them the active versions; drafts if left out')
  .description('take flows in, all of them or none')
  .action(
    commandWith<{ activate?: boolean }>(async (output, [file], { activate = false }) => {
      const items = await importFlows(readConfig(process.env), file!, activate);
      const lines = items.map(
        ({ name, version, status, isNew }) => `${name}  ${version}  ${status}${isNew ? '' : '  unchanged'}`,
      );
      output.say({ items }, lines.join('\n'));
    }),
  );

program
  .command('run')
  .argument('<flow>', 'name of a flow')
  .option('--order <number>', 'the order that it acts on')
  .option('--input <json>', 'its inputs by name', jsonValue, {})
  .option('--key <key>', 'the same key again starts nothing twice')
  .option('--wait <seconds>', 'how long its end is waited for', wholeNumber, '5')
  .description('start a flow; exit code 1 if it is refused, or ends with an error or at an incident')
  .action(
    commandWith<RunOptions>(async (output, [flow], options) => {
      const run = await runFlow(readConfig(process.env), flow!, options);
      output.say({ run }, runText(run));
      if (run.status === 'failed' || run.status === 'incident') process.exitCode = 1;
    }),
  );

program
  .command('runs')
  .addOption(new Option('--status <status>', 'of this status').choices(runStatuses))
  .option('--flow <name>', 'the name of a flow')
  .option('--order <number>', 'the number of an order')
  .option('--limit <count>', 'at most so many', wholeNumber, '25')
  .description('list runs, the newest first')
  .action(
    commandWith<RunFilter>(async (output, _none, filter) => {
      const items = await listRuns(readConfig(process.env), filter);
      output.say({ items }, runsText(items));
    }),
  );

program
  .command('operate')
  .addArgument(new Argument('<operation>', 'what is done').choices(operations))
  .argument('<runs...>', 'ids of runs')
  .requiredOption('--reason <reason>', 'why; it is kept in the journal')
  .option('--input <json>', 'what the operation takes beside the reason', jsonValue, {})
  .description('do an operation to runs; exit code 1 if any of them refuses')
  .action(
    commandWith<{ reason: string; input: unknown }>(async (output, [operation, ...runs], options) => {
      const job = await operateRuns(readConfig(process.env), operation!, runs, options);
      output.say({ job }, jobText(job));
      if (job.failed.length > 0) process.exitCode = 1;
    }),
  );

program
  .command('audit')
  .option('--by <name>', 'of one user')
  .option('--limit <count>', 'at most so many', wholeNumber, '25')
  .description('list who changed accounts, roles, keys, flows, templates and the store, the newest first')
  .action(
    commandWith<AuditFilter>(async (output, _none, filter) => {
      const items = await listAudit(readConfig(process.env), filter);
      output.say({ items }, auditText(items));
    }),
  );

program
  .command('doctor')
  .description('look whether everything is as it should be; exit code 1 if something has to be repaired')
  .action(
    commandWith(async (output) => {
      const { examine, findingsText } = await import('./commands/doctor.js');
      const findings = await examine(readConfig(process.env));
      output.say({ findings }, findingsText(findings));
      if (findings.some(({ state }) => state === 'failure')) process.exitCode = 1;
    }),
  );

try {
  await program.parseAsync();
} catch (error) {
  // Help that was asked for is no failure.
  const { exitCode, code, message } = error as CommanderError;
  if (exitCode !== 0) {
    const detail = code === 'commander.help' ? 'no command is given' : message.replace(/^error: /, '');
    // People have been told, with the help.
    if (wantsJson()) outputOf(true).fail(serverErrors.error('mistyped', detail));
    process.exitCode = usageExitCode;
  }
}
