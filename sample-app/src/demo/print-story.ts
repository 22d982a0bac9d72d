import type { EventStory, Execution, ScriptStory } from './story.js';
import { cut, duration, type Cell, type Terminal } from './terminal.js';

const WIDTH = 118;
const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{6}([\da-f]{6})/g;

/** A value as JSON on one line, with only the last digits of each UUID. */
const shown = (value: unknown): string => JSON.stringify(value).replace(UUID, '…$1');

/** Prints what an event led to: event → script → result of the filter → status, time, log lines, further events. */
export function printStory(terminal: Terminal, story: EventStory, depth = 0): void {
  const indent = '    '.repeat(depth);
  const published: Cell[] = depth === 0 ? [] : [['published → ', 'quiet']];
  const payload = cut(shown(story.payload), WIDTH - indent.length - story.type.length - 16);
  terminal.line(`  ${indent}`, ...published, [story.type, 'title'], '  ', [payload, 'quiet']);
  if (story.scripts.length === 0)
    terminal.line(`  ${indent}  → `, ['no script of this tenant listens', 'quiet']);
  for (const script of story.scripts) printScript(terminal, script, depth);
}

function printScript(terminal: Terminal, story: ScriptStory, depth: number): void {
  const indent = '    '.repeat(depth);
  const name = story.name.padEnd(20);
  terminal.line(`  ${indent}  → `, [name, 'name'], ' ', verdictOf(story), ...statusOf(story));
  const { execution, deadLetter } = story;
  for (const log of execution?.logs ?? []) {
    const data = log.data === undefined ? '' : ` ${shown(log.data)}`;
    terminal.line(
      `  ${indent}      log ${log.level.padEnd(5)} `,
      cut(log.message + data, WIDTH - indent.length - 18),
    );
  }
  if (execution?.errorMessage) terminal.line(`  ${indent}      `, [`error ${errorOf(execution)}`, 'bad']);
  if (deadLetter)
    terminal.line(`  ${indent}      `, [`kept as a dead letter, ${fateOf(deadLetter)}`, 'doubt']);
  for (const follower of story.published) printStory(terminal, follower, depth + 1);
}

function verdictOf({ filter, matched, verdict = '' }: ScriptStory): Cell {
  if (filter === undefined) return ['no filter', 'quiet'];
  return matched ? [`filter: yes, ${cut(filter, 60)}`, 'good'] : [`filter: no, ${cut(verdict, 84)}`, 'quiet'];
}

function statusOf({ matched, execution }: ScriptStory): Cell[] {
  if (!matched) return [];
  if (!execution) return [' → ', ['not run', 'bad']];
  const time = ` in ${duration(execution.durationMs)}`;
  return [' → ', [execution.status, execution.status === 'completed' ? 'good' : 'bad'], [time, 'quiet']];
}

const errorOf = ({ errorKind, errorLine, errorMessage }: Execution): string =>
  `${errorKind}${errorLine === null ? '' : ` in line ${errorLine}`}: ${cut(String(errorMessage), 80)}`;

/** What happens next with a dead letter, at the time when it was read. */
function fateOf({
  status,
  reason,
  error,
  nextRetryAt,
  updatedAt,
}: NonNullable<ScriptStory['deadLetter']>): string {
  if (status === 'exhausted') return reason === 'failed' ? 'not worth a retry' : `${reason}: ${error}`;
  if (nextRetryAt === null) return status;
  const wait = Date.parse(nextRetryAt) - Date.parse(updatedAt);
  return `next retry in ${duration(wait)}`;
}
