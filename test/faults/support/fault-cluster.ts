import { DataSource } from 'typeorm';
import {
  type CreateScript,
  SCRIPTS_EVENT_ENTITIES,
  type ScriptsEventModuleOptions,
} from '../../../lib/index.js';
import { SCRIPTS_EVENT_MIGRATIONS } from '../../../migrations/index.js';
import { ownDatabase } from '../../support/own-database.js';
import { StoppableServer } from '../../support/stoppable-server.js';
import { waitFor } from '../../support/wait-for.js';
import { type FaultNode, startFaultNode } from './fault-node.js';
import { Ledger } from './ledger.js';

/** Whether `npm run test:faults` runs each fault at full size. The suite for each change has a smaller form. */
export const FULL = process.env.FAULTS === 'full';

export const TENANT = 'acme';

/** Durable mode, with times that a test can wait for. */
export const DURABLE: ScriptsEventModuleOptions = {
  buffer: { driver: 'graphile-worker', workerCount: 4 },
  retry: { interval: '200ms', initialDelay: '50ms', maxDelay: '500ms' },
  // So late that only a test ends a run. A test in which more runs wait at the same time sets the number of processes itself.
  sandbox: { timeout: '1m', maxTimeout: '1m', bindingTimeout: '1m', maxProcesses: FULL ? 4 : 2 },
  shutdownTimeout: '30s',
};

/** As many sandbox processes as workers, so that all workers can have a held run. */
export const ALL_AT_ONCE = { ...DURABLE.sandbox, maxProcesses: DURABLE.buffer!.workerCount };

export const MEMORY: ScriptsEventModuleOptions = {
  ...DURABLE,
  buffer: { workerCount: 4 },
};

/** The statement with which a script waits while the ledger holds runs. */
export const PASS = 'await ledger.pass({});';

/** A script that records in the ledger that it ran, and does the work of a test before it ends. */
export const LEDGER_SCRIPT = (work = ''): CreateScript => ({
  name: 'ledger',
  eventTypes: ['client.created'],
  source: `await ledger.ran({ n: ctx.input.clientId }); ${work} return ctx.input.clientId;`,
  bindings: ['ledger.ran', 'ledger.pass'],
  active: true,
});

/** Runs a hook before each test of a block at full size, and once for all of them otherwise. */
export const beforeEachOrAll = FULL ? beforeEach : beforeAll;
export const afterEachOrAll = FULL ? afterEach : afterAll;

/** A database with applications on it, each in its own process. */
export class FaultCluster {
  readonly ledger: Ledger;
  private readonly nodes: FaultNode[] = [];

  private constructor(
    private readonly url: string,
    readonly admin: DataSource,
    private readonly schema: string,
    private readonly ownServer: StoppableServer | undefined,
  ) {
    this.ledger = new Ledger(admin);
  }

  /** Makes a cluster with its own database, on the server that all tests share. */
  static async create(): Promise<FaultCluster> {
    return FaultCluster.on((await ownDatabase()).url);
  }

  /** Makes a cluster with its own server, which the test may stop. */
  static async createWithServer(): Promise<FaultCluster> {
    const server = await StoppableServer.create(['-c', 'fsync=off', '-c', 'max_connections=200']);
    return FaultCluster.on(server.url, server);
  }

  private static async on(url: string, server?: StoppableServer): Promise<FaultCluster> {
    const schema = 'faults';
    const admin = await new DataSource({
      type: 'postgres',
      url,
      schema,
      entities: SCRIPTS_EVENT_ENTITIES,
      migrations: SCRIPTS_EVENT_MIGRATIONS,
      extra: { options: `-c search_path=${schema}`, max: 4, application_name: 'ledger' },
    }).initialize();
    await admin.query(`CREATE SCHEMA "${schema}"`);
    await admin.runMigrations();
    const cluster = new FaultCluster(url, admin, schema, server);
    await cluster.ledger.open();
    return cluster;
  }

  get server(): StoppableServer {
    if (!this.ownServer) throw new Error('all tests share the server: call createWithServer');
    return this.ownServer;
  }

  async node(options: ScriptsEventModuleOptions = DURABLE): Promise<FaultNode> {
    const node = await startFaultNode({ url: this.url, schema: this.schema, options });
    this.nodes.push(node);
    return node;
  }

  /** Creates a script, and waits until every node knows it. */
  async script(script: CreateScript, tenantId = TENANT): Promise<string> {
    const nodes = this.nodes.filter((node) => node.alive);
    const scriptId = await nodes[0]!.tell('script', { tenantId, script });
    for (const node of nodes) {
      await waitFor('a node knows the script', () => node.tell('knows', { scriptId }));
    }
    return scriptId;
  }

  /**
   * Waits until every published event has completed or is given up. It waits for longer than the lease of a dead letter that
   * a cut connection may have claimed, and goes on after an outage of the server.
   */
  async settled(timeoutMs = 240_000): Promise<void> {
    await waitFor(
      'every published event has completed or is given up',
      async () => (await this.ledger.unfinished().catch(() => Number.NaN)) === 0,
      timeoutMs,
    );
  }

  /** The number of nodes that have a lease. */
  async leases(): Promise<number> {
    const [row] = await this.admin.query<{ count: number }[]>(
      'SELECT count(*)::int AS count FROM scripts_event_nodes WHERE expires_at > now()',
    );
    return row?.count ?? 0;
  }

  /** Milliseconds until the last of the current leases ends, unless its node prolongs it. */
  async longestLeaseMs(): Promise<number> {
    const [row] = await this.admin.query<{ left: number }[]>(
      'SELECT (extract(epoch FROM max(expires_at) - now()) * 1000)::float8 AS left FROM scripts_event_nodes',
    );
    return row?.left ?? 0;
  }

  /** Sends a query of a test to the database. */
  query<Row>(sql: string): Promise<Row[]> {
    return this.admin.query<Row[]>(sql);
  }

  /** Ends all leases of nodes in the database. A node that doesn't ask the database still considers its lease valid. */
  async endLeases(): Promise<void> {
    await this.admin.query('UPDATE scripts_event_nodes SET expires_at = now()');
  }

  /** Ends the leases of dead letters that are being retried. */
  async endRetryLeases(): Promise<void> {
    await this.admin.query(`UPDATE dead_letter_queue SET locked_until = now() WHERE status = 'retrying'`);
  }

  async statusOf(scriptId: string): Promise<string | undefined> {
    const [row] = await this.admin.query<{ status: string }[]>('SELECT status FROM scripts WHERE id = $1', [
      scriptId,
    ]);
    return row?.status;
  }

  /** The number of dead letters of a script, in any status. */
  async keptFor(scriptId: string): Promise<number> {
    const [row] = await this.admin.query<{ count: number }[]>(
      'SELECT count(*)::int AS count FROM dead_letter_queue WHERE script_id = $1',
      [scriptId],
    );
    return row?.count ?? 0;
  }

  /** Ends all connections of all applications, at the server. */
  async cutConnections(): Promise<void> {
    await this.admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND backend_type = 'client backend' AND application_name <> 'ledger'`,
    );
  }

  /** Makes the server refuse rows of a table with a SQLSTATE, as a full disk does. */
  async refuseWrites(table: string, sqlState: string): Promise<void> {
    await this.admin
      .query(`CREATE OR REPLACE FUNCTION refuse_${table}() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'refused by the test' USING ERRCODE = '${sqlState}'; END $$`);
    await this.admin.query(
      `CREATE TRIGGER refuse BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_${table}()`,
    );
  }

  async acceptWrites(table: string): Promise<void> {
    await this.admin.query(`DROP TRIGGER refuse ON ${table}`);
  }

  /** Ends every process, and the server if the cluster has its own. */
  async dispose(): Promise<void> {
    await Promise.all(this.nodes.filter((node) => node.alive).map((node) => node.kill()));
    if (this.admin.isInitialized) await this.admin.destroy();
    await this.ownServer?.dispose();
  }
}
