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
  | 'filters'
  | 'status'
  | 'limits'
  | 'bindings'
  | 'maxConcurrency'
  | 'runsPerMinute'
  | 'orderingKey'
  | 'onOrderedFailure'
  | 'createdBy'
>;

/** What to do with a script that is locked. */
export interface ScriptChange {
  columns?: ScriptColumns;
  /** Becomes the next version, unless it is the current one's text in the same language. */
  source?: SourceText;
}

/**
 * Port: where scripts and their versions are kept. Every read and write carries the tenant; a script of another tenant
 * is no script. Ids that are no UUID are unknown ids.
 */
export abstract class ScriptRepository {
  /** Stores a script with version 1. @throws {DuplicateScriptNameError} @throws {TooManyScriptsError} */
  abstract create(script: NewScript, source: SourceText): Promise<ScriptEntity>;

  abstract find(tenantId: string, id: string): Promise<ScriptEntity | null>;

  /** Newest first. */
  abstract list(tenantId: string, query: ScriptQuery): Promise<Page<ScriptEntity>>;

  abstract count(tenantId: string, query: Omit<ScriptQuery, 'limit' | 'cursor'>): Promise<number>;

  /**
   * Locks the script, asks `decide` what to do, and does it in the same transaction: nobody changes it in between, and
   * two new sources get two versions. What `decide` throws undoes everything. Null when there is no such script.
   *
   * @throws {DuplicateScriptNameError}
   * @throws {TooManyScriptsError} when the script would begin to listen
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
   * @param check sees the locked row first; it throws to leave everything as it is
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

  /** The JavaScript of a version, by a script id that is known to be right: for executions. */
  abstract sourceOf(scriptId: string, version: number): Promise<string | null>;

  /** The same for many at once; those that do not exist are left out. */
  abstract sourcesOf(
    versions: readonly { scriptId: string; version: number }[],
  ): Promise<{ scriptId: string; version: number; source: string }[]>;
}
