import type { Issue } from '../api/client';
import type { EventType, Script } from '../api/schema';
import type { JsonObject, Problem } from '../editor';
import { templateFor } from '../templates';

/** What an author works on, before it is saved. */
export interface Draft {
  name: string;
  description: string;
  eventTypes: readonly string[];
  language: 'javascript' | 'typescript';
  source: string;
  /** Undefined while the text of the filter is none. */
  filters: JsonObject | null | undefined;
  bindings: readonly string[];
  /** As they were typed; empty for the application's own. */
  timeoutMs: string;
  memoryMb: string;
}

export const draftOf = (script: Script): Draft => ({
  name: script.name,
  description: script.description ?? '',
  eventTypes: script.eventTypes,
  language: script.language,
  source: script.source,
  filters: script.filters as JsonObject | null,
  bindings: script.bindings ?? [],
  timeoutMs: textOf(script.limits?.timeoutMs),
  memoryMb: textOf(script.limits?.memoryMb),
});

/** A new script for a type of events. */
export const newDraft = (type: Pick<EventType, 'type' | 'fields'>): Draft => ({
  name: `On ${type.type}`,
  description: '',
  eventTypes: [type.type],
  language: 'javascript',
  source: templateFor(type),
  filters: null,
  bindings: [],
  timeoutMs: '',
  memoryMb: '',
});

const textOf = (limit: number | undefined): string => (limit === undefined ? '' : String(limit));

const limitsOf = ({ timeoutMs, memoryMb }: Draft): Record<string, number> | null => {
  const limits = {
    ...(timeoutMs.trim() ? { timeoutMs: Number(timeoutMs) } : {}),
    ...(memoryMb.trim() ? { memoryMb: Number(memoryMb) } : {}),
  };
  return Object.keys(limits).length > 0 ? limits : null;
};

/** What runs, for a test run as for a save. */
export const runnable = (draft: Draft): Record<string, unknown> => ({
  source: draft.source,
  language: draft.language,
  eventTypes: draft.eventTypes,
  filters: draft.filters ?? null,
  bindings: draft.bindings.length > 0 ? draft.bindings : null,
  limits: limitsOf(draft),
});

export const bodyOf = (draft: Draft): Record<string, unknown> => ({
  ...runnable(draft),
  name: draft.name.trim(),
  description: draft.description.trim() || null,
});

export const isSame = (one: Draft, other: Draft): boolean => JSON.stringify(one) === JSON.stringify(other);

const inSource = ({ path, line }: Issue): boolean => line !== undefined || path === 'source';
const inFilter = ({ path }: Issue): boolean => /^filters\b/.test(path);

/** Where the API’s words on a draft belong. */
export function placed(issues: readonly Issue[]): {
  source: Problem[];
  filter: Problem[];
  field: (name: string) => string | undefined;
} {
  return {
    source: issues.filter(inSource).map(({ message, line }) => ({ message, line })),
    filter: issues.filter(inFilter).map(({ message, path }) => ({ message, path })),
    field: (name) =>
      issues.find(({ path }) => path === name || path.startsWith(`${name}[`) || path.startsWith(`${name}.`))
        ?.message,
  };
}
