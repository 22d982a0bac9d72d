/** How many tenants one claim looks at. The next claim continues after them. */
const TENANT_WINDOW = 100;

/**
 * The tenants that have rows with `open`, starting after `after`. The query jumps from one tenant to the next in an
 * index over (tenant_id, …), so the cost is per tenant, however many rows each has.
 *
 * `seen.each` is how many rows a claim of up to `limit` may take of each tenant: one, unless these are all tenants, so
 * that every tenant gets its first row before any gets its second.
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

/** What a claim over a window of tenants returns in addition to what it claimed. */
export interface TenantsSeen {
  /** How many tenants it looked at. */
  tenants: number;
  /** The last of these tenants; `null` if there was none. */
  last: string | null;
}

/**
 * Goes through the tenants a window at a time: each claim starts where the last one ended, and after the last tenant
 * the first one follows. So a tenant with ten thousand entries gets one turn, like every other tenant.
 */
export class TenantRotation {
  private after = '';

  /**
   * Claims up to `limit` of what `query` finds.
   *
   * @param query returns the rows of one window in order of turns, each with its tenant; rows whose `id` is null only
   * say how far it looked. It returns one row of each tenant, unless the window begins at '' and isn't full: then there
   * are no other tenants.
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
