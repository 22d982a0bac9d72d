import { Command, InvalidArgumentError, Option, type OutputConfiguration } from 'commander';
import { VERSION } from '../common/version.js';
import type { CheckOptions } from './check/check.command.js';
import type { RunOptions } from './run/run.options.js';
import type { Terminal } from './terminal.js';
import type { TimesOptions } from './times/times.command.js';
import type { TypesOptions } from './types/types.command.js';

const RUN_HELP = `
Examples:
  nestjs-scripts-event run welcome.js --event user.created --input user.json
  echo '{"amount":12500}' | nestjs-scripts-event run large.ts --event payment.created --input -
  nestjs-scripts-event run large.js --event payment.created --filter filter.json --bindings stubs.js --watch

A --bindings module exports a function or a value for each binding, nested or with a dotted name:
  exports.crm = { findClient: async ({ email }) => ({ id: 7, email }) };
  exports['crm.tier'] = 'gold';

A JSON file has answers and errors by name and input; the first one that fits answers:
  { "crm.findClient": [{ "input": { "email": "a" }, "answer": { "id": 7 } }, { "error": { "code": "http-404" } }] }

Files of secrets and variables have values by name; make those of secrets up:
  { "slack_token": "xoxb-made-up" }        { "region": "eu", "limits": { "large": 10000 } }

Exit codes: 0 completed, 1 the script failed, 2 wrong arguments or environment, 3 the filter does not match.`;

const CHECK_HELP = `
Examples:
  nestjs-scripts-event check welcome.js --event user.created
  nestjs-scripts-event check large.ts --event payment.created --filter filter.json --app dist/app.module.js#AppModule
  nestjs-scripts-event check digest.js --event schedule --bindings bindings.json --secrets secrets.json --vars vars.json

A file of --bindings, --secrets or --vars is the one that run takes, or a JSON list of names. What is not in it is a problem.

Exit codes: 0 no problems, 1 problems, 2 wrong arguments or environment.`;

const TYPES_HELP = `
Examples:
  nestjs-scripts-event types --out scripts.d.ts
  nestjs-scripts-event types --app dist/app.module.js#AppModule --out scripts.d.ts
  nestjs-scripts-event types --event client.created --out client-created.d.ts`;

const TIMES_HELP = `
Examples:
  nestjs-scripts-event times "0 8 * * 1" --timezone Asia/Tashkent
  nestjs-scripts-event times "30 2 * * *" --timezone Europe/Berlin --count 10`;

/**
 * Defines the command line. `ended` gets the exit code of the command. Each command's code is loaded when it is called,
 * because `types` needs Nest and the validators, which take longer to load than a script takes to run.
 */
export function program(terminal: Terminal, ended: (code: number) => void): Command {
  const root = new Command('nestjs-scripts-event')
    .description('Tools for script authors. No database needed.')
    .version(VERSION)
    .configureOutput(errorsTo(terminal))
    .exitOverride()
    .showHelpAfterError('(see --help)');
  root
    .addCommand(run(terminal, ended))
    .addCommand(check(terminal, ended))
    .addCommand(types(terminal, ended))
    .addCommand(times(terminal, ended));
  return root;
}

function run(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('run')
    .description('Run a script in the sandbox the way an event would, and show what it does.')
    .argument('<script>', 'JavaScript (.js), or TypeScript (.ts) with the package amaro')
    .requiredOption('-e, --event <type>', 'event type, such as client.created, or schedule')
    .option('-i, --input <file>', 'payload as JSON; - reads standard input; default {}')
    .option('-f, --filter <file>', 'filter as JSON; the script runs only if it matches')
    .option('-b, --bindings <module>', 'module with stubs for bindings, or a JSON file with their answers')
    .option('--secrets <file>', 'JSON file with made-up values for the secrets of the script, by name')
    .option('--vars <file>', 'JSON file with values for the variables of the tenant, by name')
    .option(
      '--store <file>',
      'JSON file with what the script remembers: { "script": { key: value }, "tenant": { … } }',
    )
    .option('--tenant <id>', 'ctx.tenant.id', 'tenant')
    .option('--actor <id>', 'ctx.actor.id; default none')
    .option('--timeout <ms>', 'time limit of the run', wholeNumber(1, 600_000), 10_000)
    .option('--memory <mb>', 'memory limit of the script', wholeNumber(8, 1_024), 64)
    .addOption(
      new Option('--isolation <kind>', 'whether runs share an isolate')
        .choices(['compartment', 'context', 'isolate'])
        .default('compartment'),
    )
    .option('--json', 'print one JSON object')
    .option('-w, --watch', 'run again whenever a file changes; Ctrl-C ends it')
    .addHelpText('after', RUN_HELP)
    .configureOutput(errorsTo(terminal))
    .exitOverride()
    .showHelpAfterError('(see run --help)')
    .action(async (script: string, options: RunOptions) => {
      const { runCommand } = await import('./run/run.command.js');
      ended(await runCommand(script, options, terminal));
    });
}

function check(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('check')
    .description('Check a script without running it: syntax, types, filter, bindings, secrets and variables.')
    .argument('<script>', 'JavaScript (.js), or TypeScript (.ts) with the package amaro')
    .option('-e, --event <type>', 'event type that it listens to; repeatable; default any', append)
    .option('-f, --filter <file>', 'its filter as JSON')
    .option('-b, --bindings <file>', 'the bindings that it may call, as JSON; default any')
    .option('--secrets <file>', 'the secrets that it may use, as JSON; default any')
    .option('--vars <file>', 'the variables of the tenant, as JSON; default any')
    .option(
      '-a, --app <module>',
      "file and export of the application's root module, for its events and bindings",
    )
    .option('--boot', 'start the application, including its database connection')
    .option('--json', 'print one JSON object')
    .addHelpText('after', CHECK_HELP)
    .configureOutput(errorsTo(terminal))
    .exitOverride()
    .showHelpAfterError('(see check --help)')
    .action(async (script: string, options: CheckOptions) => {
      const { checkCommand } = await import('./check/check.command.js');
      ended(await checkCommand(script, options, terminal));
    });
}

function types(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('types')
    .description('Write type declarations of everything in scope of a script, for an editor.')
    .option(
      '-a, --app <module>',
      "file and export of the application's root module (file#ExportName), or of a function that returns it",
    )
    .option('-o, --out <file>', 'output file; default standard output')
    .option('-e, --event <type>', 'event type of ctx; repeatable; default all', append)
    .option('--secrets <file>', 'names of the secrets that scripts may use, as JSON; default any')
    .option('--vars <file>', 'names of the variables of the tenant, as JSON; default any')
    .option(
      '--boot',
      'start the application, including its database connection, to see what factories create',
    )
    .addHelpText('after', TYPES_HELP)
    .configureOutput(errorsTo(terminal))
    .exitOverride()
    .showHelpAfterError('(see types --help)')
    .action(async (options: TypesOptions) => {
      const { typesCommand } = await import('./types/types.command.js');
      ended(await typesCommand(options, terminal));
    });
}

function times(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('times')
    .description('Show the next times of a schedule.')
    .argument('<cron>', 'cron expression in quotes, such as "0 8 * * 1"')
    .option('-z, --timezone <zone>', 'time zone, such as Europe/Berlin', 'UTC')
    .option('--count <number>', 'how many', wholeNumber(1, 100), 5)
    .addHelpText('after', TIMES_HELP)
    .configureOutput(errorsTo(terminal))
    .exitOverride()
    .showHelpAfterError('(see times --help)')
    .action(async (cron: string, options: TimesOptions) => {
      const { timesCommand } = await import('./times/times.command.js');
      ended(timesCommand(cron, options, terminal));
    });
}

/** Commander's messages repeat arguments, so they are made printable. Their advice moves into the same line. */
const errorsTo = (terminal: Terminal): OutputConfiguration => ({
  outputError: (text) => terminal.note(text.trimEnd().replace(/\n(?=\(Did you mean )/, ' ')),
});

const wholeNumber =
  (low: number, high: number) =>
  (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Must be a whole number from ${low} to ${high}.`);
  };

const append = (type: string, before: string[] | undefined): string[] => [...(before ?? []), type];
