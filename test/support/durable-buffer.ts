import { GraphileWorkerEventBuffer } from '../../lib/buffer/durable/graphile-worker.event-buffer.js';
import type { GraphileWorkerEventBufferOptions } from '../../lib/buffer/durable/graphile-worker.options.js';
import { TypeOrmDurableDatabase } from '../../lib/buffer/durable/typeorm-durable.database.js';
import { createTestSchema, engineSchemaOf, type TestDatabaseOptions, type TestSchema } from './postgres.js';
import { type Tamper, TamperedDatabase } from './tampered-database.js';

/** A database with several nodes on it. */
export interface DurableCluster {
  schema: TestSchema;
  /** The engine's schema, quoted. */
  engine: string;
  /** Makes a node, which `dispose` stops. `tamper` decides what happens to its statements. */
  node(
    options?: Partial<GraphileWorkerEventBufferOptions>,
    tamper?: Tamper,
  ): Promise<GraphileWorkerEventBuffer>;
  /** How many rows a query counts. */
  count(sql: string, parameters?: unknown[]): Promise<number>;
  dispose(): Promise<void>;
}

/**
 * Short intervals, so that tests need not wait. A lease outlasts every test, so that a machine that stands still for
 * some seconds ends none; a test that waits for the end of a lease sets its own.
 */
const QUICK = { heartbeatMs: 200, leaseMs: 120_000, pollMs: 250, redeliveryMs: 400 };

/**
 * Makes a schema of its own for our tables and one for the engine's, which is installed unless `migrated` says otherwise.
 * Call {@link DurableCluster.dispose} at the end.
 */
export async function durableCluster(
  migrated: TestDatabaseOptions['migrated'] = 'copied',
): Promise<DurableCluster> {
  const schema = await createTestSchema({ migrated, engine: true });
  const engine = engineSchemaOf(schema);
  const nodes: GraphileWorkerEventBuffer[] = [];
  return {
    schema,
    engine: `"${engine}"`,
    node: async (options = {}, tamper = (send) => send()) => {
      const database = new TamperedDatabase(new TypeOrmDurableDatabase(await schema.connect()), tamper);
      const settings = { workerCount: 4, runsPerScript: () => 4, schema: engine, ...QUICK, ...options };
      const buffer = new GraphileWorkerEventBuffer(database, settings);
      nodes.push(buffer);
      return buffer;
    },
    count: async (sql, parameters) => {
      const [row] = await schema.dataSource.query<{ count: string }[]>(
        `SELECT count(*) AS count FROM (${sql}) AS counted`,
        parameters,
      );
      return Number(row?.count);
    },
    dispose: async () => {
      await Promise.all(nodes.splice(0).map((node) => node.stop(5_000)));
    },
  };
}
