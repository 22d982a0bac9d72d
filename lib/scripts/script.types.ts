import type { EventTypeName } from '../common/event-payloads.js';
import type { JsonObject, JsonValue } from '../common/json.js';
import type { PageRequest } from '../common/page.js';
import type {
  CatchUpPolicy,
  OrderedFailurePolicy,
  OverlapPolicy,
  ScriptEntity,
  ScriptLanguage,
  ScriptLimits,
  ScriptSchedule,
  ScriptStatus,
  ScriptVersionEntity,
} from '../entities/index.js';

/**
 * The fields of a script, besides its name.
 *
 * @publicApi
 */
export interface ScriptFields {
  /** Up to 2,000 characters. */
  description?: string | null;
  /**
   * 1 to 50 different event types: types of the host and types that scripts publish; never `script.*`. Up to 10 may be
   * patterns: `*` stands for one part of a name; `**`, as the last part, stands for any number of parts. `client.*`
   * matches types such as `client.created`, and `**` matches all types. Required, unless the script has `schedules`.
   */
  eventTypes?: EventTypeName[];
  /**
   * Times at which the script runs without an event of the host, up to `limits.scriptSchedules`; null, the default,
   * means none. See docs/schedules.md.
   */
  schedules?: ScheduleFields[] | null;
  /** A filter: see docs/filters.md. With null or `{}`, every event of the types matches. */
  filters?: JsonObject | null;
  /** The body of an async function, up to 100 KiB. */
  source: string;
  /**
   * The language of the source. Default: `javascript` for a new script, the language of the current version for a new
   * source. `typescript` needs the package amaro.
   */
  language?: ScriptLanguage;
  /** Limits for runs of this script, in place of the sandbox's defaults. */
  limits?: ScriptLimits | null;
  /** Names of the bindings that it may call, up to 100; null, the default, means none. */
  bindings?: string[] | null;
  /** Names of the secrets that it may use, up to 20; null, the default, means none. Each must exist. */
  secrets?: string[] | null;
  /** How many runs of this script there may be at the same time, 1 to 1,000; null means the buffer's own limit. */
  maxConcurrency?: number | null;
  /**
   * How many runs of this script may begin in one minute of the clock, 1 to 100,000; further ones wait. Null means no
   * limit.
   */
  runsPerMinute?: number | null;
  /**
   * The ordering key: the path of a field of the payload, as in filters, up to 200 characters. Events with the same
   * value run one at a time, in the order in which they were published; events without the field run in no order. Null
   * means no order. Needs the durable buffer.
   */
  orderingKey?: string | null;
  /** What happens to the later events with the same key if one fails. Default `block`. */
  onOrderedFailure?: OrderedFailurePolicy;
}

/** One schedule of a script, as its author gives it. @publicApi */
export interface ScheduleFields extends Partial<ScriptSchedule> {
  /**
   * A cron expression of five fields: minute, hour, day of the month, month, day of the week; or of six, with seconds
   * first.
   */
  cron: string;
  /** Default `UTC`. */
  timezone?: string;
  /** Default `one`. */
  catchUp?: CatchUpPolicy;
  /** Default `skip`. */
  overlap?: OverlapPolicy;
  /** `ctx.input.payload` of its runs, JSON of up to 16 KiB. Default null. */
  payload?: JsonValue;
}

/** A script to create. @publicApi */
export interface CreateScript extends ScriptFields {
  /** 1 to 200 characters, unique among the tenant's scripts that are not archived. */
  name: string;
  /** Whether it listens to events immediately. Default false: it is a draft. */
  active?: boolean;
}

/** The fields of a script to change; fields that are left out stay. @publicApi */
export interface UpdateScript extends Partial<ScriptFields> {
  name?: string;
  /**
   * The version whose source was edited. If somebody else has saved a source in the meantime, the call throws
   * `ScriptConflictError` instead of overwriting it.
   */
  baseVersion?: number;
  /**
   * The `revision` of the script that was edited. If somebody else has changed any field of the script since, the call
   * throws `ScriptChangedError` instead of overwriting the change.
   */
  baseRevision?: string;
}

/** The condition for a change of a script's status, or for deleting it. @publicApi */
export interface ScriptCondition {
  /**
   * The `revision` of the script that the caller has seen. If somebody else has changed the script since, the call
   * throws `ScriptChangedError`.
   */
  baseRevision?: string;
}

/** A script that was just saved. @publicApi */
export interface SavedScript extends ScriptEntity {
  /**
   * What is probably wrong, in sentences: no event can match its filter, its event types don't have a field that the
   * filter uses, or its source reads a secret or variable that the script doesn't have. Empty if nothing is wrong. Not
   * stored.
   */
  warnings: string[];
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
  /** Only these statuses. Default: all, including archived. */
  status?: ScriptStatus | readonly ScriptStatus[];
  /** Only scripts that listen to this type. */
  eventType?: EventTypeName;
  /** Only scripts whose name contains this text, regardless of case. */
  nameContains?: string;
  /** Only scripts that name this secret in their `secrets`. */
  secret?: string;
  /**
   * Only scripts whose current source contains the words `vars` and this name: those that probably read the variable.
   */
  variable?: string;
}

/** A version in a list, without its source. @publicApi */
export type ScriptVersionSummary = Omit<ScriptVersionEntity, 'source' | 'compiled'>;

/** What a deletion removed. @publicApi */
export interface ScriptDeletion {
  /** The script before its deletion. */
  script: ScriptEntity;
  /** How many open dead letters were discarded, with a note that says why. */
  discardedDeadLetters: number;
}

/** Fields of a script that a change may set. */
export type ScriptColumns = Partial<
  Pick<
    ScriptEntity,
    | 'name'
    | 'description'
    | 'eventTypes'
    | 'schedules'
    | 'filters'
    | 'status'
    | 'statusReason'
    | 'degraded'
    | 'limits'
    | 'bindings'
    | 'secrets'
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
  /** The JavaScript that runs; `null` if it is the source itself. */
  compiled: string | null;
  /** SHA-256, hexadecimal. */
  checksum: string;
}
