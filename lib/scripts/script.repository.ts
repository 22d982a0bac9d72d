import type { Page } from '../common/page.js';
import type { ScriptEntity, ScriptVersionEntity } from '../entities/index.js';
import type {
  ScriptColumns,
  ScriptDeletion,
  ScriptQuery,
  ScriptVersionQuery,
  ScriptVersionSummary,
  SourceText,
} from './script.types.js';

/** A script to store. */
export type NewScript = Pick<
  ScriptEntity,
  | 'id'
  | 'tenantId'
  | 'name'
  | 'description'
  | 'eventTypes'
  | 'schedules'
  | 'filters'
  | 'status'
  | 'limits'
  | 'bindings'
  | 'secrets'
  | 'maxConcurrency'
  | 'runsPerMinute'
  | 'orderingKey'
  | 'onOrderedFailure'
  | 'createdBy'
>;

/** The change to make to a locked script. */
export interface ScriptChange {
  columns?: ScriptColumns;
  /** The next version, unless it is the current source in the same language. */
  source?: SourceText;
}

/**
 * Port: stores and reads scripts and their versions. Every call has a tenant, and another tenant's scripts are never
 * found. An id that is not a UUID is an unknown id.
 */
export abstract class ScriptRepository {
  /** Stores a script with version 1. @throws {DuplicateScriptNameError} @throws {TooManyScriptsError} */
  abstract create(script: NewScript, source: SourceText): Promise<ScriptEntity>;

  abstract find(tenantId: string, id: string): Promise<ScriptEntity | null>;

  /** Names by ids; ids of no script are left out. */
  abstract namesOf(tenantId: string, ids: readonly string[]): Promise<Map<string, string>>;

  /** Newest first. */
  abstract list(tenantId: string, query: ScriptQuery): Promise<Page<ScriptEntity>>;

  abstract count(tenantId: string, query: Omit<ScriptQuery, 'limit' | 'cursor'>): Promise<number>;

  /** How many scripts name each secret in their list. */
  abstract countBySecret(tenantId: string): Promise<Map<string, number>>;

  /**
   * Locks the script, calls `decide` and makes the change in the same transaction, so that nobody else changes the
   * script in between and two new sources become two versions. If `decide` throws, nothing is changed. Null if there is
   * no such script.
   *
   * @throws {DuplicateScriptNameError}
   * @throws {TooManyScriptsError} if the script would start to listen
   */
  abstract change(
    tenantId: string,
    id: string,
    by: string | null,
    decide: (current: ScriptEntity) => ScriptChange,
  ): Promise<ScriptEntity | null>;

  /**
   * Deletes the script with its versions and discards its open dead letters, in one transaction.
   *
   * @param check gets the locked row first; if it throws, nothing is changed
   */
  abstract delete(
    tenantId: string,
    id: string,
    by: string | null,
    check: (current: ScriptEntity) => void,
  ): Promise<ScriptDeletion | null>;

  abstract findVersion(tenantId: string, id: string, version: number): Promise<ScriptVersionEntity | null>;

  /** Newest first, without the sources. */
  abstract listVersions(
    tenantId: string,
    id: string,
    query: ScriptVersionQuery,
  ): Promise<ScriptVersionSummary[]>;

  /** The JavaScript of a version, for executions. The caller has checked the script's tenant. */
  abstract sourceOf(scriptId: string, version: number): Promise<string | null>;

  /**
   * The same for several versions; those that don't exist are left out.
   *
   * @param maxBytes a source that begins after this many bytes of UTF-8 is left out too; the first one never is
   */
  abstract sourcesOf(
    versions: readonly { scriptId: string; version: number }[],
    maxBytes: number,
  ): Promise<{ scriptId: string; version: number; source: string }[]>;
}
