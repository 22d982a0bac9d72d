import { isAbout, type Issue } from '../api/client';
import type { EventType, Script } from '../api/schema';
import type { JsonObject, Problem } from '../editor';
import { templateFor } from '../templates';
import { scheduleBody, type ScheduleDraft, scheduleDraftOf } from './schedule-draft';

/** The event type of schedules. */
export const SCHEDULE = 'schedule';

/** A script that is edited and not saved yet. */
export interface Draft {
  name: string;
  description: string;
  eventTypes: readonly string[];
  schedules: readonly ScheduleDraft[];
  language: 'javascript' | 'typescript';
  source: string;
  /** Undefined while the text is not a filter. */
  filters: JsonObject | null | undefined;
  bindings: readonly string[];
  secrets: readonly string[];
  /** As typed; empty for the application's limits. */
  timeoutMs: string;
  memoryMb: string;
  /** Empty for no limit. */
  maxConcurrency: string;
  runsPerMinute: string;
  /** Empty for no order. */
  orderingKey: string;
  onOrderedFailure: 'block' | 'skip';
}

export const draftOf = (script: Script): Draft => ({
  name: script.name,
  description: script.description ?? '',
  eventTypes: script.eventTypes,
  schedules: (script.schedules ?? []).map(scheduleDraftOf),
  language: script.language,
  source: script.source,
  filters: script.filters as JsonObject | null,
  bindings: script.bindings ?? [],
  secrets: script.secrets ?? [],
  timeoutMs: textOf(script.limits?.timeoutMs),
  memoryMb: textOf(script.limits?.memoryMb),
  maxConcurrency: textOf(script.maxConcurrency),
  runsPerMinute: textOf(script.runsPerMinute),
  orderingKey: script.orderingKey ?? '',
  onOrderedFailure: script.onOrderedFailure,
});

/** A new script for a type of events. */
export const newDraft = (type: Pick<EventType, 'type' | 'fields'>): Draft => ({
  name: `On ${type.type}`,
  description: '',
  eventTypes: [type.type],
  schedules: [],
  language: 'javascript',
  source: templateFor(type),
  filters: null,
  bindings: [],
  secrets: [],
  timeoutMs: '',
  memoryMb: '',
  maxConcurrency: '',
  runsPerMinute: '',
  orderingKey: '',
  onOrderedFailure: 'block',
});

const textOf = (limit: number | null | undefined): string => String(limit ?? '');

/** Leaves text that is no number to the API, which reports it at the field. As JSON, `NaN` would mean no limit. */
function numberOf(typed: string): number | string | null {
  const text = typed.trim();
  if (text === '') return null;
  return Number.isFinite(Number(text)) ? Number(text) : text;
}

function limitsOf({ timeoutMs, memoryMb }: Draft): object | null {
  const limits = { timeoutMs: numberOf(timeoutMs), memoryMb: numberOf(memoryMb) };
  const given = Object.entries(limits).filter(([, value]) => value !== null);
  return given.length > 0 ? Object.fromEntries(given) : null;
}

const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length > 0 ? list : null);

/** The event types that the draft runs for, with that of schedules. */
export const runsFor = ({ eventTypes, schedules }: Draft): readonly string[] =>
  schedules.length > 0 ? [...eventTypes, SCHEDULE] : eventTypes;

/** Issues for text that is not JSON. Left out, it would clear its field. */
export const unreadable = (draft: Draft): Issue[] => [
  ...(draft.filters === undefined
    ? [{ path: 'filters', code: 'unreadable', message: 'The filter is not valid. Correct it or clear it.' }]
    : []),
  ...draft.schedules.flatMap(({ payload }, at) =>
    payload === undefined
      ? [
          {
            path: `schedules[${at}].payload`,
            code: 'unreadable',
            message: `The payload of schedule ${at + 1} is not JSON. Correct it.`,
          },
        ]
      : [],
  ),
];

/** Fields sent by a test run and by a save. */
export const runnable = (draft: Draft): Record<string, unknown> => ({
  source: draft.source,
  language: draft.language,
  eventTypes: draft.eventTypes,
  schedules: orNull(draft.schedules.map(scheduleBody)),
  filters: draft.filters ?? null,
  bindings: orNull(draft.bindings),
  secrets: orNull(draft.secrets),
  limits: limitsOf(draft),
});

export const bodyOf = (draft: Draft): Record<string, unknown> => ({
  ...runnable(draft),
  name: draft.name.trim(),
  description: draft.description.trim() || null,
  maxConcurrency: numberOf(draft.maxConcurrency),
  runsPerMinute: numberOf(draft.runsPerMinute),
  orderingKey: draft.orderingKey.trim() || null,
  onOrderedFailure: draft.onOrderedFailure,
});

export const isSame = (one: Draft, other: Draft): boolean => JSON.stringify(one) === JSON.stringify(other);

const inSource = ({ path, line }: Issue): boolean => line !== undefined || path === 'source';
const inFilter = ({ path }: Issue): boolean => /^filters\b/.test(path);

/** Sorts the API’s issues by their place. */
export function placed(issues: readonly Issue[]): {
  source: Problem[];
  filter: Problem[];
  field: (name: string) => string | undefined;
} {
  return {
    source: issues.filter(inSource).map(({ message, line }) => ({ message, line })),
    filter: issues.filter(inFilter).map(({ message, path }) => ({ message, path })),
    field: (name) => issues.find((issue) => isAbout(issue, name))?.message,
  };
}
