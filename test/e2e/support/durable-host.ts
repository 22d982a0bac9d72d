import type { ModuleMetadata } from '@nestjs/common';
import type { ScriptsEventModuleOptions } from '../../../lib/index.js';
import { createTestSchema, engineSchemaOf, type TestSchema } from '../../support/postgres.js';
import { sharedHost, TestHost } from './test-host.js';

type Options = ScriptsEventModuleOptions & { buffer?: object };

/** An application with the durable buffer, on its own schema unless `database` names one. */
export async function durableHost(
  { buffer, ...options }: Options = {},
  database?: TestSchema,
  providers: ModuleMetadata['providers'] = [],
  imports: ModuleMetadata['imports'] = [],
): Promise<TestHost> {
  const schema = database ?? (await createTestSchema({ engine: true }));
  return TestHost.start({
    database: schema,
    options: { ...options, buffer: quick(schema, buffer) },
    providers,
    imports,
  });
}

/** Two applications on one database for all tests of a describe. The rows of a test are deleted before the next one. */
export function sharedDurableHosts(
  options: Options,
  providers: ModuleMetadata['providers'] = [],
): () => [TestHost, TestHost] {
  const one = sharedHost(() => durableHost(options, undefined, providers));
  const two = sharedHost(() => durableHost(options, one().database, providers));
  return () => [one(), two()];
}

/** Options whose times are a fraction of the defaults. The lease is longer than any test that doesn't set its own. */
const quick = (schema: TestSchema, buffer: object = {}): ScriptsEventModuleOptions['buffer'] => ({
  driver: 'graphile-worker',
  schema: engineSchemaOf(schema),
  workerCount: 4,
  heartbeat: 500,
  lease: '2m',
  poll: 500,
  redelivery: 500,
  ...buffer,
});

/** Jobs of the engine that have not ended. */
export async function jobs({
  database,
}: TestHost): Promise<{ payload: unknown; attempts: number; locked: boolean }[]> {
  return database.dataSource.query(
    `SELECT payload, attempts, locked_by IS NOT NULL AS locked FROM "${engineSchemaOf(database)}"._private_jobs ORDER BY id`,
  );
}

/** Adds a queued event to the engine's queue as a crash would have left it: after one delivery or more. */
export async function deliverAgain({ database }: TestHost, event: object, before = 1): Promise<void> {
  await database.dataSource.query(
    `SELECT "${engineSchemaOf(database)}".add_job('scripts-event', $1::json, run_at => now() - interval '20 years')`,
    [JSON.stringify({ v: 1, e: event, d: before })],
  );
}
