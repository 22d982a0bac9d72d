import type { OrderedFailurePolicy, ScriptLimits } from '../entities/index.js';
import type { FieldKey } from '../filters/field-key.js';

/** A script that listens, as routing and execution use it: read from memory, never from the database. */
export interface IndexedScript {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly version: number;
  /** Names of event types and patterns. */
  readonly eventTypes: readonly string[];
  readonly limits: Readonly<ScriptLimits> | null;
  /** Names of the bindings it may call; null means none. */
  readonly bindings: readonly string[] | null;
  /** Names of the secrets it may use; null means none. */
  readonly secrets: readonly string[] | null;
  readonly maxConcurrency: number | null;
  readonly runsPerMinute: number | null;
  /** How its events are ordered; null if they are not. */
  readonly ordering: ScriptOrdering | null;
  /** Whether it fails too often and so runs one event at a time. */
  readonly degraded: boolean;
  /** Whether it is disabled: it doesn't run, and its events are kept. */
  readonly disabled: boolean;
}

/** The order that a script asks for. */
export interface ScriptOrdering {
  /** Reads the key of a parsed payload; `undefined` for an event that is in no order. */
  readonly keyOf: FieldKey;
  readonly onFailure: OrderedFailurePolicy;
}
