import { TENANT_WINDOW } from './alert.sql.js';

/** What a claim over a window of tenants answers with, beside what it claimed. */
export interface TenantsSeen {
  /** Tenants it looked at. */
  tenants: number;
  /** The last of them; `null` when there was none. */
  last: string | null;
}

/**
 * Goes through tenants a window at a time, each claim from where the last one ended, and round again: a tenant with ten
 * thousand things to tell has one turn, as every other.
 */
export class TenantTurns {
  private after = '';

  /**
   * Claims up to `limit` of whatever `query` finds.
   *
   * @param query rows of one window in order of turns, each with its tenant; those with `id` null tell only how far it
   *   looked. One of each tenant, unless the window begins at '' and ends before it is full: then there are no others.
   */
  async claim<Row extends TenantsSeen & { id: string | null; tenant_id: string | null }>(
    limit: number,
    query: (limit: number, after: string) => Promise<Row[]>,
  ): Promise<Row[]> {
    const claimed: Row[] = [];
    for (let start = this.after; ; start = '') {
      const before = claimed.length;
      for (let after: string | undefined = start; after !== undefined;) {
        const rows = await query(limit - claimed.length, after);
        claimed.push(...rows.filter(({ id }) => id !== null));
        const [seen] = rows;
        const next = seen?.tenants === TENANT_WINDOW ? (seen.last ?? undefined) : undefined;
        const all = after === '' && next === undefined;
        if (all || claimed.length >= limit) return this.endAt(claimed, limit);
        after = next;
      }
      // A round that began amid the tenants says nothing of those before it.
      if (start === '' && claimed.length === before) return this.endAt(claimed, limit);
    }
  }

  private endAt<Row extends { tenant_id: string | null }>(claimed: Row[], limit: number): Row[] {
    this.after = (claimed.length >= limit ? claimed.at(-1)?.tenant_id : undefined) ?? '';
    return claimed;
  }
}
