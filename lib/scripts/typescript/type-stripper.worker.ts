import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { StripAnswer, StripWorkerData, TypeProblem } from './strip.messages.js';

/** The part of amaro that is used. Declared here, because an optional peer must not appear in published types. */
interface Amaro {
  transformSync(source: string, options: { mode: 'strip-only' }): { code: string };
}

/** What amaro throws for a text it refuses; a plain object. */
interface Refusal {
  code: 'UnsupportedSyntax' | 'InvalidSyntax';
  message: string;
  startLine: number;
}

// A script is the body of an async function: `return` and `await` may stand at its top level.
const HEAD = 'async function script() {\n';
const TAIL = '\n}';

const { transformSync } = createRequire(__filename)((workerData as StripWorkerData).amaro) as Amaro;

function strip(source: string): StripAnswer {
  // As the sandbox reads it: without byte order mark, and with a hashbang as a comment.
  const wrapped = HEAD + source.replace(/^\uFEFF/, '').replace(/^#!/, '//') + TAIL;
  try {
    const { code } = transformSync(wrapped, { mode: 'strip-only' });
    const inPlace = code.length === wrapped.length && code.startsWith(HEAD) && code.endsWith(TAIL);
    return inPlace ? { javascript: code.slice(HEAD.length, -TAIL.length) } : { fault: true };
  } catch (error) {
    return isRefusal(error) ? { problem: problemOf(error, source) } : { fault: true };
  }
}

const isRefusal = (error: unknown): error is Refusal =>
  typeof error === 'object' && error !== null && !(error instanceof Error) && 'startLine' in error;

function problemOf({ code, message, startLine }: Refusal, source: string): TypeProblem {
  const said = message.replace(/ in (strip-only|type strip) mode/, '');
  const reason =
    code === 'UnsupportedSyntax'
      ? ' Only TypeScript syntax that can be removed without rewriting code is supported.'
      : '';
  // An unclosed bracket is reported after the last line, where the wrapper ends.
  const line = Math.min(Math.max(1, startLine - 1), source.split('\n').length);
  return { message: `${said.replace(/\.?$/, '.')}${reason}`, line };
}

parentPort?.on('message', (source: string) => parentPort?.postMessage(strip(source)));
parentPort?.postMessage({ ready: true } satisfies StripAnswer);
