import { Command, InvalidArgumentError, Option, type OutputConfiguration } from 'commander';
import { VERSION } from '../common/version.js';
import type { RunOptions } from './run/run.options.js';
import type { Terminal } from './terminal.js';
import type { TypesOptions } from './types/types.command.js';

const RUN_HELP = `
Examples:
  nestjs-scripts-event run welcome.js --event user.created --input user.json
  echo '{"amount":12500}' | nestjs-scripts-event run large.ts --event payment.created --input -
  nestjs-scripts-event run large.js --event payment.created --filter filter.json --bindings stubs.js --watch

A module for --bindings exports a function or a value for each name, nested or dotted:
  exports.crm = { findClient: async ({ email }) => ({ id: 7, email }) };
  exports['crm.tier'] = 'gold';

Exit codes: 0 completed, 1 the script failed, 2 a wrong call or environment, 3 the filter does not match.`;

const TYPES_HELP = `
Examples:
  nestjs-scripts-event types --out scripts.d.ts
  nestjs-scripts-event types --app dist/app.module.js#AppModule --out scripts.d.ts
  nestjs-scripts-event types --event client.created --out client-created.d.ts`;

/**
 * The command line. `ended` gets the exit code of the command that ran. A command is loaded when it is called: `types` needs
 * Nest and the validators, which take longer to load than a script to run.
 */
export function program(terminal: Terminal, ended: (code: number) => void): Command {
  const root = new Command('nestjs-scripts-event')
    .description('Tools for the authors of scripts. None of them needs a database.')
    .version(VERSION)
    .configureOutput(errorsTo(terminal))
    .exitOverride()
    .showHelpAfterError('(--help tells more)');
  root.addCommand(run(terminal, ended)).addCommand(types(terminal, ended));
  return root;
}

function run(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('run')
    .description('Run a script in the sandbox, as an event would, and show what it does.')
    .argument('<script>', 'JavaScript (.js), or TypeScript (.ts) with the package amaro')
    .requiredOption('-e, --event <type>', 'event type, such as client.created')
    .option('-i, --input <file>', 'payload as JSON; - reads standard input; default {}')
    .option('-f, --filter <file>', 'filter as JSON: when it does not match, the script does not run')
    .option('-b, --bindings <module>', 'module with stand-ins for bindings, by dotted name')
    .option('--tenant <id>', 'ctx.tenant.id', 'tenant')
    .option('--actor <id>', 'ctx.actor.id; default none')
    .option('--timeout <ms>', 'longest run', wholeNumber(1, 600_000), 10_000)
    .option('--memory <mb>', 'heap of the script', wholeNumber(8, 1_024), 64)
    .addOption(
      new Option('--isolation <kind>', 'what runs share')
        .choices(['compartment', 'context', 'isolate'])
        .default('compartment'),
    )
    .option('--json', 'print one JSON object')
    .option('-w, --watch', 'run again whenever a file changes; Ctrl-C ends it')
    .addHelpText('after', RUN_HELP)
    .configureOutput(errorsTo(terminal))
    .exitOverride()
    .showHelpAfterError('(run --help tells more)')
    .action(async (script: string, options: RunOptions) => {
      const { runCommand } = await import('./run/run.command.js');
      ended(await runCommand(script, options, terminal));
    });
}

function types(terminal: Terminal, ended: (code: number) => void): Command {
  return new Command('types')
    .description('Write the types of what scripts have in scope, for an editor.')
    .option(
      '-a, --app <module>',
      'file of the application, with #ExportName: a module, or a function that gives one',
    )
    .option('-o, --out <file>', 'file to write; default standard output')
    .option('-e, --event <type>', 'ctx is of this type only; may be given more than once', append)
    .option('--boot', 'start the application, database and all, for what factories make')
    .addHelpText('after', TYPES_HELP)
    .configureOutput(errorsTo(terminal))
    .exitOverride()
    .showHelpAfterError('(types --help tells more)')
    .action(async (options: TypesOptions) => {
      const { typesCommand } = await import('./types/types.command.js');
      ended(await typesCommand(options, terminal));
    });
}

/** What is wrong with a call repeats its arguments; the one line of commander's own is its advice. */
const errorsTo = (terminal: Terminal): OutputConfiguration => ({
  outputError: (text) => terminal.note(text.trimEnd().replace(/\n(?=\(Did you mean )/, ' ')),
});

const wholeNumber =
  (low: number, high: number) =>
  (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Give a whole number from ${low} to ${high}.`);
  };

const append = (type: string, before: string[] | undefined): string[] => [...(before ?? []), type];
