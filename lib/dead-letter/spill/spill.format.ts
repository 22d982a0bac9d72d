import { isRecord } from '../../common/json.js';
import { isUuid } from '../../common/page.js';
import type { NewExecution } from '../../execution/execution.repository.js';
import type { NewDeadLetter } from '../dead-letter.types.js';

/** A record in the file; each line after the first has one. */
export type SpilledRecord = { deadLetter: NewDeadLetter } | { execution: NewExecution };

/** The first line of a file. The version changes when an older release could not read the lines. */
const HEADER = { format: 'nestjs-scripts-event spill', version: 1 };

export const headerLine = (): string => `${JSON.stringify(HEADER)}\n`;

export const lineOf = (record: SpilledRecord): string => `${JSON.stringify(record)}\n`;

/** Why a file with this first line can't be read; `undefined` if it can. */
export function headerProblem(line: string): string | undefined {
  const header = parse(line);
  if (!isRecord(header) || header.format !== HEADER.format) return 'it is not a spill file';
  if (header.version === HEADER.version) return undefined;
  return `it has version ${JSON.stringify(header.version)}, and this release reads version ${HEADER.version}`;
}

/**
 * The record of a line, or `undefined` if the line is damaged. Content that the database refuses is found when it is
 * stored.
 */
export function recordOf(line: string): SpilledRecord | undefined {
  const record = parse(line);
  if (!isRecord(record)) return undefined;
  const { deadLetter, execution } = record;
  if (isRecord(deadLetter) && fits(deadLetter, DEAD_LETTER)) return record as SpilledRecord;
  if (isRecord(execution) && fits(execution, EXECUTION)) return record as SpilledRecord;
  return undefined;
}

const SHARED = ['tenantId', 'eventId', 'eventType', 'occurredAt'];
const DEAD_LETTER = { texts: [...SHARED, 'payload', 'reason', 'error', 'status'], lists: ['attempts'] };
const EXECUTION = {
  texts: [...SHARED, 'trigger', 'status', 'idempotencyKey', 'startedAt', 'finishedAt'],
  lists: ['logs'],
};

function fits(record: Record<string, unknown>, shape: typeof DEAD_LETTER): boolean {
  return (
    isUuid(record.id) &&
    isUuid(record.scriptId) &&
    shape.texts.every((name) => typeof record[name] === 'string') &&
    shape.lists.every((name) => Array.isArray(record[name]))
  );
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
