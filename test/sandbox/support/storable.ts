import type { Outcome, SandboxLimits } from '../../../lib/sandbox/index.js';

// eslint-disable-next-line no-control-regex -- jsonb refuses U+0000
const UNSTORABLE = /\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
/** Names of our own files, folders and modules. */
const OURS = /sandbox:|node_modules|\/dist\/|\/lib\/sandbox|isolated-vm|node:internal|file:\/\//;

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** The problems of an outcome as a record: text that a table can't store, and text that reveals our own files. */
export function recordProblems(outcome: Outcome, limits: SandboxLimits): string[] {
  const problems: string[] = [];
  for (const text of textsOf(outcome)) {
    if (UNSTORABLE.test(text)) problems.push(`unstorable text ${JSON.stringify(text.slice(0, 80))}`);
  }
  if (outcome.logs.length > limits.logLines) problems.push(`${outcome.logs.length} log lines`);
  // The list adds a comma for each line.
  if (bytes(outcome.logs) > limits.logBytes + outcome.logs.length + 1)
    problems.push(`${bytes(outcome.logs)} bytes of logs`);
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
