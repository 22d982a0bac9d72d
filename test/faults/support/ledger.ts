import type { DataSource } from 'typeorm';

/** The results of everything that was published. */
export interface LedgerReport {
  published: number;
  /** Published events whose script ran to completion. */
  completed: number;
  /** Published events that neither completed nor are kept as a dead letter. */
  lost: number;
  /** Events that ran although they were never committed, such as those of a rolled back transaction. */
  ghosts: number;
  /** Completions beyond the first of one event. */
  completedTwice: number;
  /** Runs in addition to those that completed, by the reason. */
  extraRuns: {
    /** Runs that are recorded as failed, so that a retry followed. */
    failed: number;
    /** Runs without a record in a process that was killed or had lost the database, so that a redelivery followed. */
    cut: number;
    /** Runs without a record in any other process. */
    unexplained: number;
  };
  /** Dead letters by status. */
  deadLetters: Record<string, number>;
}

const OPEN = `SELECT count(*)::int AS count FROM ledger_published p
  WHERE NOT EXISTS (SELECT FROM completed c WHERE c.n = p.n)
    AND NOT EXISTS (SELECT FROM kept k WHERE k.n = p.n AND k.status IN ('exhausted', 'discarded'))
    OR EXISTS (SELECT FROM kept k WHERE k.n = p.n AND k.status = 'retrying')`;

const REPORT = `SELECT
  (SELECT count(*) FROM ledger_published)::int AS published,
  (SELECT count(DISTINCT n) FROM completed)::int AS completed,
  (SELECT count(*) FROM ledger_published p WHERE NOT EXISTS (SELECT FROM completed c WHERE c.n = p.n)
    AND NOT EXISTS (SELECT FROM kept k WHERE k.n = p.n))::int AS lost,
  (SELECT count(DISTINCT n) FROM ledger_ran r WHERE NOT EXISTS
    (SELECT FROM ledger_published p WHERE p.n = r.n))::int AS ghosts,
  (SELECT count(*) - count(DISTINCT n) FROM completed)::int AS "completedTwice"`;

const EXTRA_RUNS = `SELECT
  count(*) FILTER (WHERE e.status = 'failed')::int AS failed,
  count(*) FILTER (WHERE e.id IS NULL AND r.pid = ANY ($1))::int AS cut,
  count(*) FILTER (WHERE e.id IS NULL AND r.pid <> ALL ($1))::int AS unexplained
  FROM ledger_ran r LEFT JOIN script_executions e ON e.id = r.execution_id`;

/**
 * The records of a fault test itself, in the same database, independent of the package: the publisher's transactions write
 * what they publish, and scripts write through a binding that they run.
 */
export class Ledger {
  constructor(private readonly database: DataSource) {}

  async open(): Promise<void> {
    await this.database.query(
      `CREATE TABLE ledger_published (tenant_id text, n integer,
      at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (tenant_id, n))`,
    );
    await this.database.query(`CREATE TABLE ledger_ran (n integer NOT NULL, execution_id uuid NOT NULL,
      attempt integer NOT NULL, pid integer NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp())`);
    await this.database.query('CREATE TABLE ledger_held ()');
    await this.database
      .query(`CREATE TABLE ledger_acts (id bigint GENERATED ALWAYS AS IDENTITY, n integer NOT NULL,
      execution_id uuid NOT NULL, token bigint, pid integer NOT NULL)`);
    for (const table of ['ledger_tries', 'ledger_refused'])
      await this.database.query(
        `CREATE TABLE ${table} (n integer NOT NULL, token bigint NOT NULL, pid integer NOT NULL)`,
      );
    await this.database.query(
      `CREATE TABLE ledger_fenced AS SELECT 0 AS n, 0::bigint AS token, 0 AS changes`,
    );
    await this.database
      .query(`CREATE VIEW completed AS SELECT (result #>> '{}')::integer AS n FROM script_executions
      WHERE status = 'completed' AND jsonb_typeof(result) = 'number'`);
    await this.database.query(`CREATE VIEW kept AS SELECT (event_data ->> 'clientId')::integer AS n, status
      FROM dead_letter_queue`);
  }

  /** Records emitted events, because no transaction of a publisher does that. */
  async emitted(tenantId: string, from: number, count: number): Promise<void> {
    await this.database.query(
      'INSERT INTO ledger_published (tenant_id, n) SELECT $1, n FROM generate_series($2::integer, $3::integer) AS n',
      [tenantId, from, from + count - 1],
    );
  }

  /** From now on, runs that call `ledger.pass` wait there until {@link release}. */
  async hold(): Promise<void> {
    await this.database.query('INSERT INTO ledger_held DEFAULT VALUES');
  }

  async release(): Promise<void> {
    await this.database.query('DELETE FROM ledger_held');
  }

  /** Deletes all records before the next test of a block. Call it when everything is settled. */
  async forget(): Promise<void> {
    await this.database.query('TRUNCATE ledger_published, ledger_ran, script_executions, dead_letter_queue');
  }

  /** Published events that have neither completed nor been given up, or whose dead letter is not settled yet. */
  async unfinished(): Promise<number> {
    const [row] = await this.database.query<{ count: number }[]>(OPEN);
    return row?.count ?? 0;
  }

  async published(): Promise<number> {
    const [row] = await this.database.query<{ count: number }[]>(
      'SELECT count(*)::int AS count FROM ledger_published',
    );
    return row?.count ?? 0;
  }

  async ran(): Promise<number> {
    const [row] = await this.database.query<{ count: number }[]>(
      'SELECT count(*)::int AS count FROM ledger_ran',
    );
    return row?.count ?? 0;
  }

  async hasRun(n: number): Promise<boolean> {
    const rows = await this.database.query<unknown[]>('SELECT FROM ledger_ran WHERE n = $1', [n]);
    return rows.length > 0;
  }

  /** Effects of scripts outside of the package by `ledger.act`, in their order. */
  async acts(): Promise<{ n: number; pid: number; token: number }[]> {
    return this.database.query('SELECT n, pid, token::integer AS token FROM ledger_acts ORDER BY id');
  }

  /** Whether every run of a process that has called `ledger.act` has ended in any way and is recorded. */
  async actorsEnded(pid: number): Promise<boolean> {
    const underWay = await this.database.query<unknown[]>(
      `SELECT FROM ledger_acts a WHERE a.pid = $1 AND NOT EXISTS
        (SELECT FROM script_executions e WHERE e.id = a.execution_id)`,
      [pid],
    );
    return underWay.length === 0;
  }

  /** Calls of `ledger.fenced` that have begun, or those that its row has refused. */
  async fencedCalls(table: 'ledger_tries' | 'ledger_refused'): Promise<{ n: number; pid: number }[]> {
    return this.database.query(`SELECT n, pid FROM ${table} ORDER BY token`);
  }

  /** @param cutOff processes that were killed, or that lost the database while they ran something */
  async report(cutOff: readonly number[] = []): Promise<LedgerReport> {
    const [report] = await this.database.query<[Omit<LedgerReport, 'extraRuns' | 'deadLetters'>]>(REPORT);
    const [extraRuns] = await this.database.query<[LedgerReport['extraRuns']]>(EXTRA_RUNS, [cutOff]);
    const statuses = await this.database.query<{ status: string; count: number }[]>(
      'SELECT status, count(*)::int AS count FROM dead_letter_queue GROUP BY status',
    );
    const deadLetters = Object.fromEntries(statuses.map(({ status, count }) => [status, count]));
    return { ...report, extraRuns, deadLetters };
  }
}
