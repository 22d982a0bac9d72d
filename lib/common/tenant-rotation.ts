/** Tenants that one claim looks at; the next one goes on after them. */
const TENANT_WINDOW = 100;

/**
 * The tenants that have rows with `open`, from the one after `after` on: found by jumping from one to the next in an index
 * over (tenant_id, …), so that the cost is per tenant, however many rows one has.
 *
 * `seen.each` is how many a claim of up to `limit` may take of each: one, unless these are all tenants there are, as a
 * tenant behind the window has its first before any has its second.
 */
export const tenantsWith = (
  table: string,
  open: string,
  after: string,
  limit: string,
): string => `tenants AS (
    (SELECT tenant_id, 1 AS step FROM ${table} WHERE ${open} AND tenant_id > ${after} ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT n.tenant_id, w.step + 1 FROM tenants w CROSS JOIN LATERAL (
      SELECT tenant_id FROM ${table} WHERE ${open} AND tenant_id > w.tenant_id ORDER BY tenant_id LIMIT 1
    ) n WHERE w.step < ${TENANT_WINDOW}
  ), seen AS (
    SELECT count(*)::int AS tenants, (array_agg(tenant_id ORDER BY step DESC))[1] AS last,
      CASE WHEN ${after} = '' AND count(*) < ${TENANT_WINDOW} THEN ${limit} ELSE 1 END AS each FROM tenants
  )`;

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
export class TenantRotation {
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
      // A round that began in the middle says nothing about the tenants before it.
      if (start === '' && claimed.length === before) return this.endAt(claimed, limit);
    }
  }

  private endAt<Row extends { tenant_id: string | null }>(claimed: Row[], limit: number): Row[] {
    this.after = (claimed.length >= limit ? claimed.at(-1)?.tenant_id : undefined) ?? '';
    return claimed;
  }
}
