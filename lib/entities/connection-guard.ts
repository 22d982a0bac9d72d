import type { EventEmitter } from 'node:events';
import type { DataSource, Driver } from 'typeorm';

/** The part of a `pg` pool that is used. */
type Pool = EventEmitter;

const guarded = new WeakSet<Pool>();
const followed = new WeakSet<object>();

/**
 * Keeps a connection that is cut from ending the process.
 *
 * pg's pool takes its listener for errors off a connection when it hands it out, and TypeORM puts its own on a moment
 * later. A server that ends a connection in the same packet in which it says that it is ready (a restart, a limit of a
 * pooler, `pg_terminate_backend`) is heard in that moment, and an `error` that nobody listens for ends a Node.js process. A
 * listener that stays closes the gap; whoever uses the connection gets the error all the same, and the pool discards it.
 *
 * A DataSource that is destroyed and initialised again makes new pools, which are guarded when they have connected.
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

/** Not documented, and empty should pg name it otherwise: those connections are replaced in time. */
const openClients = (pool: Pool): readonly EventEmitter[] =>
  (Reflect.get(pool, '_clients') as readonly EventEmitter[] | undefined) ?? [];
