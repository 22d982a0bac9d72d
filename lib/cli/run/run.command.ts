import { ScriptSandbox } from '../../sandbox/index.js';
import { TypeStripper } from '../../scripts/typescript/type-stripper.js';
import { EXIT } from '../exit-codes.js';
import { scriptNode } from '../script-node.js';
import { styled, type Terminal } from '../terminal.js';
import { attempt, type Engine } from './attempt.js';
import { exitCodeOf, report, reportJson } from './report.js';
import type { RunOptions } from './run.options.js';

/**
 * `run`: runs a script once, or with `--watch` after every change. Resolves with the exit code when everything is
 * closed.
 * @throws CommandError for invalid options and unreadable files
 */
export async function runCommand(file: string, options: RunOptions, terminal: Terminal): Promise<number> {
  const engine: Engine = {
    sandbox: new ScriptSandbox({
      isolation: options.isolation,
      ...scriptNode(),
      limits: { timeoutMs: options.timeout, memoryMb: options.memory },
      processes: { min: 1, max: 1 },
    }),
    types: new TypeStripper(),
  };
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    if (options.watch) return await runAgain(file, options, engine, terminal, interrupted.signal);
    const code = await runOnce(file, options, engine, terminal, interrupted.signal);
    return interrupted.signal.aborted ? EXIT.interrupted : code;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await Promise.all([engine.sandbox.stop(), engine.types.onApplicationShutdown()]);
  }
}

async function runOnce(
  file: string,
  options: RunOptions,
  engine: Engine,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const found = await attempt(file, options, engine, signal);
  if (options.json) reportJson(found, terminal);
  else report(found, terminal);
  return exitCodeOf(found);
}

async function runAgain(
  file: string,
  options: RunOptions,
  engine: Engine,
  terminal: Terminal,
  ended: AbortSignal,
): Promise<number> {
  const files = [
    file,
    options.input,
    options.filter,
    options.bindings,
    options.secrets,
    options.vars,
    options.store,
  ].filter((name): name is string => name !== undefined && name !== '-');
  const run = async (signal: AbortSignal): Promise<void> => {
    try {
      const found = await attempt(file, options, engine, signal);
      // A newer change is waiting, or the command is ending, so the result is no longer wanted.
      if (signal.aborted) return;
      if (options.json) reportJson(found, terminal);
      else report(found, terminal);
    } catch (error) {
      // A file may be half written or missing for a moment. Its next change triggers another run.
      terminal.error(error);
    }
    terminal.note(styled('gray', `-- waiting for changes of ${files.join(', ')} (Ctrl-C ends) --`));
  };
  const { watch } = await import('./watch.js');
  await watch(files, run, ended);
  return EXIT.completed;
}
