import type { ActiveScript } from './script-index.js';

/** A script's place in the order of pages. */
export type ScriptPlace = Pick<ActiveScript, 'tenantId' | 'id'>;

/** Port: reads the scripts of all tenants that listen, active and disabled ones, for the script index. */
export abstract class ActiveScripts {
  /**
   * The next page in an order that keeps the scripts of a tenant together, so that whoever puts them into an index works on
   * one part of it at a time.
   *
   * @param after the last one of the page before; null for the first page
   */
  abstract page(after: ScriptPlace | null, limit: number): Promise<ActiveScript[]>;

  /** Those of the given scripts that listen now. */
  abstract byIds(ids: readonly string[]): Promise<ActiveScript[]>;

  /** A `RevisionDigest` of all of them, from one cheap query. */
  abstract digest(): Promise<string>;

  /** That of each part of them, as `partOf` divides them; parts without a script may be left out. */
  abstract digests(): Promise<ReadonlyMap<number, string>>;

  /** The revisions of those in some parts, in any order. */
  abstract revisions(parts: readonly number[]): Promise<{ id: string; revision: string }[]>;
}
