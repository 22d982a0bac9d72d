import { cut } from '../../common/byte-limits.js';
import { MOST_OF_NAME } from '../protocol.js';
import type { ChildError } from '../protocol.js';
import { SCRIPT_FILE } from './source-wrapper.js';

/** What the prelude reads from a thrown value. The script decides what every field says. */
export interface ThrownText {
  name?: string;
  message: string;
  stack?: string;
  retryable?: boolean;
  retryAfterMs?: number;
}

const FRAME = /^ +at /;
const POSITION = new RegExp(`${SCRIPT_FILE.replace('.', '\\.')}:(\\d+):(\\d+)`);

/**
 * The error of a script. Its stack has only the frames of the script's own source; its line is that of the first frame.
 */
export function runtimeError(
  thrown: ThrownText,
  bounds: { messageBytes: number; stackBytes: number },
): ChildError {
  const stack = thrown.stack === undefined ? undefined : ownFrames(thrown.stack);
  return {
    kind: 'runtime',
    message: cut(thrown.message, bounds.messageBytes),
    ...(thrown.name === undefined ? {} : { name: cut(thrown.name, MOST_OF_NAME) }),
    ...(stack ? { stack: cut(stack, bounds.stackBytes) } : {}),
    ...(stack === undefined ? {} : lineOf(stack)),
    ...(thrown.retryable === undefined ? {} : { retryable: thrown.retryable }),
    ...(thrown.retryAfterMs === undefined ? {} : { retryAfterMs: thrown.retryAfterMs }),
  };
}

/**
 * Removes every frame outside the author's source: ours and V8's. Replaces `eval at` chains, which would name ours, by
 * the position in the author's source.
 */
function ownFrames(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => !FRAME.test(line) || POSITION.test(line))
    .map((line) => (FRAME.test(line) ? line.replace(/\(eval at .*$/, `(${POSITION.exec(line)![0]})`) : line))
    .join('\n');
}

function lineOf(stack: string): { line?: number } {
  const frame = stack.split('\n').find((line) => FRAME.test(line));
  const position = frame === undefined ? null : POSITION.exec(frame);
  return position ? { line: Number(position[1]) } : {};
}

/** The place that the compiler writes after its message: `[script.js:3:5]`. */
const PLACE = /^\[([^\]]*):(\d+):\d+\]$/;

/**
 * A compiler's error as message and line. The message may quote the whole source, so only its last bracket is examined;
 * a pattern that started at each bracket would take minutes.
 */
export function syntaxProblem(error: unknown, messageBytes: number): { message: string; line?: number } {
  const { message, stack } = error as Error;
  const start = message.lastIndexOf('[');
  const place = start < 0 ? null : PLACE.exec(message.slice(start));
  const text = place ? message.slice(0, start).trimEnd() : message;
  const line = Number(place?.[2] ?? POSITION.exec(stack ?? '')?.[1]);
  return { message: cut(text, messageBytes), ...(line >= 1 ? { line } : {}) };
}
