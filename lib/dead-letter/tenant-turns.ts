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
   * @param query rows of one window in order of turns, each with its tenant; those with `id` null tell only how far it looked
   */
  async claim<Row extends TenantsSeen & { id: string | null; tenant_id: string | null }>(
    limit: number,
    query: (limit: number, after: string) => Promise<Row[]>,
  ): Promise<Row[]> {
    const claimed: Row[] = [];
    for (let after = this.after, wrapped = after === ''; ;) {
      const rows = await query(limit - claimed.length, after);
      claimed.push(...rows.filter(({ id }) => id !== null));
      if (claimed.length >= limit) {
        this.after = claimed.at(-1)?.tenant_id ?? '';
        return claimed;
      }
      const [seen] = rows;
      if (seen?.tenants === TENANT_WINDOW && seen.last !== null) after = seen.last;
      else if (wrapped) {
        this.after = '';
        return claimed;
      } else {
        wrapped = true;
        after = '';
      }
    }
  }
}
