import type { LogLine, Outcome, SandboxLimits } from '../../../lib/sandbox/index.js';
import { mostOwnLines } from '../../../lib/sandbox/outcome-reader.js';

// eslint-disable-next-line no-control-regex -- jsonb refuses U+0000
const UNSTORABLE = /\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
/** Names of our own files, folders and modules. */
const OURS = /sandbox:|node_modules|\/dist\/|\/lib\/sandbox|isolated-vm|node:internal|file:\/\//;

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** A warning that the sandbox adds to the log. */
const WARNING =
  /^(A rejected promise was not handled|\d+ binding calls? (was|were) not awaited, and cancelled when the run ended$)/;

/** The lines that the sandbox has added to the log. They don't count for the script's limits. */
export const ownLines = ({ logs }: Outcome, { bindingCalls }: SandboxLimits): LogLine[] =>
  logs
    .filter(({ level, message }) => level === 'warn' && WARNING.test(message))
    .slice(-mostOwnLines(bindingCalls));

/** The problems of an outcome as a record: text that a table can't store, and text that reveals our own files. */
export function recordProblems(outcome: Outcome, limits: SandboxLimits): string[] {
  const problems: string[] = [];
  for (const text of textsOf(outcome)) {
    if (UNSTORABLE.test(text)) problems.push(`unstorable text ${JSON.stringify(text.slice(0, 80))}`);
  }
  const own = new Set(ownLines(outcome, limits));
  const logs = outcome.logs.filter((line) => !own.has(line));
  if (logs.length > limits.logLines) problems.push(`${logs.length} log lines`);
  // The list adds a comma for each line.
  if (bytes(logs) > limits.logBytes + logs.length + 1) problems.push(`${bytes(logs)} bytes of logs`);
  if (outcome.published.length > limits.publishes)
    problems.push(`${outcome.published.length} published events`);
  if (outcome.status === 'completed') {
    if (bytes(outcome.result) > limits.resultBytes) problems.push(`${bytes(outcome.result)} bytes of result`);
    return problems;
  }
  const { message, stack = '', name = '' } = outcome.error;
  if (Buffer.byteLength(message) > limits.messageBytes) problems.push('message over its bound');
  if (Buffer.byteLength(stack) > limits.stackBytes) problems.push('stack over its bound');
  if (name.length > 128) problems.push('name over its bound');
  if (OURS.test(stack)) problems.push(`a frame of ours in ${JSON.stringify(stack)}`);
  return problems;
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...textsOf(inner)]);
}
