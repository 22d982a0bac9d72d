import type { EventEmitter } from 'node:events';
import type { DataSource, Driver } from 'typeorm';

/** The part of a `pg` pool that is used. */
type Pool = EventEmitter;

const guarded = new WeakSet<Pool>();
const followed = new WeakSet<object>();

/**
 * Prevents a cut connection from ending the process.
 *
 * pg's pool removes its error listener from a connection when it hands it out, and TypeORM adds its own a moment later.
 * If the server ends the connection in the same packet in which it reports that it is ready (a restart, a limit of a
 * pooler, `pg_terminate_backend`), the error arrives in that moment, and an `error` event without a listener ends a
 * Node.js process. A permanent listener closes the gap. The user of the connection still gets the error, and the pool
 * discards the connection.
 *
 * A DataSource that is destroyed and initialised again makes new pools, which are guarded once they have connected.
 */
export function guardConnections({ driver }: DataSource): void {
  guardPools(driver);
  if (followed.has(driver)) return;
  followed.add(driver);
  const connect = driver.connect.bind(driver);
  driver.connect = async () => {
    await connect();
    guardPools(driver);
  };
}

function guardPools(driver: Driver): void {
  const { master, slaves = [] } = driver as { master?: Pool; slaves?: readonly Pool[] };
  for (const pool of [master, ...slaves]) {
    if (typeof pool?.on !== 'function' || guarded.has(pool)) continue;
    guarded.add(pool);
    pool.on('connect', guard);
    for (const client of openClients(pool)) guard(client);
  }
}

const guard = (client: EventEmitter): void => void client.on('error', () => undefined);

/**
 * This field of pg is not documented. If pg renames it, the list is empty and those connections are guarded when they
 * are replaced.
 */
const openClients = (pool: Pool): readonly EventEmitter[] =>
  (Reflect.get(pool, '_clients') as readonly EventEmitter[] | undefined) ?? [];
