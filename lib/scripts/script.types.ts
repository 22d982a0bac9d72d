import type { EventTypeName } from '../common/event-payloads.js';
import type { JsonObject } from '../common/json.js';
import type { PageRequest } from '../common/page.js';
import type {
  OrderedFailurePolicy,
  ScriptEntity,
  ScriptLanguage,
  ScriptLimits,
  ScriptStatus,
  ScriptVersionEntity,
} from '../entities/index.js';

/**
 * What a script consists of, besides its name.
 *
 * @publicApi
 */
export interface ScriptFields {
  /** Up to 2,000 characters. */
  description?: string | null;
  /** 1 to 50 event types, none twice. Types of the host and types that scripts publish; never `script.*`. */
  eventTypes: EventTypeName[];
  /** A filter, as docs/filters.md describes it; null or `{}` lets every event of the types through. */
  filters?: JsonObject | null;
  /** The body of an async function, up to 100 KiB. */
  source: string;
  /**
   * What the source is written in. Default `javascript` for a new script; a new source of a script is in the language
   * of its current version. `typescript` needs the package amaro.
   */
  language?: ScriptLanguage;
  /** What a run may use, instead of the sandbox's own limits. */
  limits?: ScriptLimits | null;
  /** Names of the bindings it may call, up to 100; null, the default, means none. */
  bindings?: string[] | null;
  /** Runs of this script at the same time, 1 to 1,000; null means the buffer's own limit. */
  maxConcurrency?: number | null;
  /** Runs of this script that begin in one minute of the clock, 1 to 100,000; what is over waits. Null means no limit. */
  runsPerMinute?: number | null;
  /**
   * Path of a field of the payload, as in filters, up to 200 characters: events with the same value run one at a time, in
   * the order they were published. Events without the field run in no order. Null means none. Needs the durable buffer.
   */
  orderingKey?: string | null;
  /** What a failure of an ordered event does to those with the same key behind it. Default `block`. */
  onOrderedFailure?: OrderedFailurePolicy;
}

/** A script to make. @publicApi */
export interface CreateScript extends ScriptFields {
  /** 1 to 200 characters, unique among the tenant's scripts that are not archived. */
  name: string;
  /** Listen to events at once. Default false: it begins as a draft. */
  active?: boolean;
}

/** What to change of a script; what is left out stays. @publicApi */
export interface UpdateScript extends Partial<ScriptFields> {
  name?: string;
  /**
   * The version whose source was edited. Given, a source that somebody else has saved in between is not overwritten:
   * the call throws `ScriptConflictError`.
   */
  baseVersion?: number;
  /**
   * The `revision` of the script that was edited. Given, no change of somebody else in between is overwritten, of whatever
   * field: the call throws `ScriptChangedError`.
   */
  baseRevision?: string;
}

/** Which versions of a script to list, newest first. @publicApi */
export interface ScriptVersionQuery {
  /** 1 to 10,000. Default all. */
  limit?: number;
  /** Only versions below this one. */
  before?: number;
}

/** Which scripts of a tenant to list, newest first. @publicApi */
export interface ScriptQuery extends PageRequest {
  /** Only these statuses. Default all, archived ones included. */
  status?: ScriptStatus | readonly ScriptStatus[];
  /** Only scripts that listen to this type. */
  eventType?: EventTypeName;
  /** Only scripts whose name contains this text, upper and lower case alike. */
  nameContains?: string;
}

/** A version in a list: without its texts. @publicApi */
export type ScriptVersionSummary = Omit<ScriptVersionEntity, 'source' | 'compiled'>;

/** What a deletion took with it. @publicApi */
export interface ScriptDeletion {
  /** The script as it was. */
  script: ScriptEntity;
  /** Open dead letters that were discarded, with a note that says why. */
  discardedDeadLetters: number;
}

/** Fields of a script that a change may set. */
export type ScriptColumns = Partial<
  Pick<
    ScriptEntity,
    | 'name'
    | 'description'
    | 'eventTypes'
    | 'filters'
    | 'status'
    | 'statusReason'
    | 'degraded'
    | 'limits'
    | 'bindings'
    | 'maxConcurrency'
    | 'runsPerMinute'
    | 'orderingKey'
    | 'onOrderedFailure'
    | 'updatedBy'
  >
>;

/** A source to store as a version. */
export interface SourceText {
  /** The author's own text. */
  source: string;
  language: ScriptLanguage;
  /** What runs; `null` when that is the source itself. */
  compiled: string | null;
  /** SHA-256, hexadecimal. */
  checksum: string;
}
