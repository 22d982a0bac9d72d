import type { ActiveScript } from './script-index.js';

/** Port: reads the scripts of all tenants that listen, active and disabled ones, for the script index. */
export abstract class ActiveScripts {
  /** The next page in the order of ids, after `afterId`. */
  abstract page(afterId: string | null, limit: number): Promise<ActiveScript[]>;

  /** Those of the given scripts that listen now. */
  abstract byIds(ids: readonly string[]): Promise<ActiveScript[]>;

  /** A `RevisionDigest` of all of them, from one cheap query. */
  abstract digest(): Promise<string>;

  /** The revisions of the next page in the order of ids, after `afterId`. */
  abstract revisions(afterId: string | null, limit: number): Promise<{ id: string; revision: string }[]>;
}
