import { CommanderError } from 'commander';
import { EXIT } from './exit-codes.js';
import { program } from './program.js';
import type { Terminal } from './terminal.js';

/** Calls a command by its arguments. Resolves with the exit code; what is wrong is printed, and never thrown. */
export async function callCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = EXIT.completed;
  try {
    await program(terminal, (ended) => (code = ended)).parseAsync(args, { from: 'user' });
  } catch (error) {
    // Commander has already printed its message. Help and version end with success, everything else is a usage error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.completed : EXIT.environment;
    terminal.error(error);
    return EXIT.environment;
  }
  return code;
}
