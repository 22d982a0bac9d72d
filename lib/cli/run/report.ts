import type { FilterExplanation } from '../../filters/index.js';
import type { FailedOutcome, LogLine, Outcome } from '../../sandbox/index.js';
import { EXIT } from '../exit-codes.js';
import { styled, type Styled, type Terminal } from '../terminal.js';
import type { Attempt } from './attempt.js';
import { codeFrame } from './code-frame.js';
import { hintFor } from './hints.js';
import { formatDuration } from '../../common/duration-text.js';

const LEVELS = { debug: 'gray', info: 'cyan', warn: 'yellow', error: 'red' } as const;

export const exitCodeOf = ({ outcome }: Attempt): number => {
  if (!outcome) return EXIT.filtered;
  return outcome.status === 'completed' ? EXIT.completed : EXIT.scriptFailed;
};

/** Prints the result as one JSON object, for programs. */
export function reportJson({ outcome, filter, warnings }: Attempt, terminal: Terminal): void {
  const ran = outcome ? withoutText(outcome) : { status: 'filtered' };
  terminal.json({ ...ran, ...(filter ? { filter } : {}), warnings });
}

/** Prints the result as text, for people. */
export function report(attempt: Attempt, terminal: Terminal): void {
  const { outcome, filter, warnings, source } = attempt;
  for (const warning of warnings) terminal.note(styled('yellow', 'warning:'), ` ${warning}`);
  if (filter && !filter.matched) return reportFilter(filter, terminal);
  if (!outcome) return;
  for (const line of outcome.logs) terminal.out(...logLine(line));
  const { logsDropped, durationMs, cpuMs } = outcome.metrics;
  if (logsDropped > 0) terminal.out(styled('yellow', `${logsDropped} more log lines exceeded the limit`));
  for (const { type, payload } of outcome.published)
    terminal.out(styled('magenta', 'published'), ` ${type} ${JSON.stringify(payload)}`);
  if (outcome.status === 'completed')
    terminal.out(styled('green', 'result'), ` ${JSON.stringify(outcome.result)}`);
  else reportError(outcome, source, terminal);
  const how = outcome.status === 'completed' ? 'completed' : `failed (${outcome.error.kind})`;
  terminal.out(styled('gray', `${how} in ${formatDuration(durationMs)}, processor ${formatDuration(cpuMs)}`));
}

function withoutText(outcome: Outcome): object {
  if (outcome.status === 'failed') return outcome;
  const { resultText: _same, ...rest } = outcome;
  return rest;
}

function reportFilter({ summary, conditions, groups }: FilterExplanation, terminal: Terminal): void {
  terminal.out(styled('yellow', 'filtered'), ` ${summary}`);
  for (const { matched, reason } of [...conditions, ...groups])
    terminal.out('  ', matched ? styled('green', 'yes') : styled('red', 'no '), ` ${reason}`);
}

function reportError({ error }: FailedOutcome, source: string, terminal: Terminal): void {
  const { name, message, line, stack } = error;
  terminal.out(styled('red', name ?? 'error'), `: ${message}`);
  if (line !== undefined) {
    for (const text of codeFrame(source, line))
      terminal.out(text.startsWith('>') ? styled('red', text) : text);
  }
  const frames = stack?.split('\n').filter((text) => text.trimStart().startsWith('at ')) ?? [];
  for (const frame of frames) terminal.out(styled('gray', frame));
  const hint = hintFor(error, source);
  if (hint !== undefined) terminal.out(styled('yellow', 'hint:'), ` ${hint}`);
  if (error.retryable === false) terminal.out('It would not be retried.');
  if (error.retryAfterMs !== undefined)
    terminal.out(`It would be retried after ${formatDuration(error.retryAfterMs)}.`);
}

const logLine = ({ level, message, data }: LogLine): [Styled, string] => [
  styled(LEVELS[level], level.padEnd(5)),
  ` ${message}${data === undefined ? '' : ` ${JSON.stringify(data)}`}`,
];
