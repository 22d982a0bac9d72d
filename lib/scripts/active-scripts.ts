import type { ActiveScript } from './script-index.js';

/** A script's place in the order of pages. */
export type ScriptPlace = Pick<ActiveScript, 'tenantId' | 'id'>;

/** Port: reads the scripts of all tenants that listen, active and disabled ones, for the script index. */
export abstract class ActiveScripts {
  /**
   * The next page. Scripts of a tenant come together, so that the caller fills one part of an index at a time.
   *
   * @param after the last script of the previous page; null for the first page
   */
  abstract page(after: ScriptPlace | null, limit: number): Promise<ActiveScript[]>;

  /** The given scripts without those that don't listen now. */
  abstract byIds(ids: readonly string[]): Promise<ActiveScript[]>;

  /** The `RevisionDigest` of all scripts that listen, from one cheap query. */
  abstract digest(): Promise<string>;

  /** The digest of each part, as `partOf` divides the scripts; a part without scripts may be missing. */
  abstract digests(): Promise<ReadonlyMap<number, string>>;

  /** The revisions of the scripts in the given parts, in any order. */
  abstract revisions(parts: readonly number[]): Promise<{ id: string; revision: string }[]>;
}
