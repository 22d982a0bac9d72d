import type { Client, ClientConfig, Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { DatabaseAwayError } from '../common/database-failure.js';
import { OWN_TYPES, type SqlTypes } from '../common/sql-types.js';
import { within } from '../common/within.js';
import { ScriptEntity } from '../entities/index.js';
import { PrimaryDatabase } from '../entities/primary-database.js';
import { tablePath } from '../entities/table-path.js';
import { NodeChannel, type NodeChannelListener } from './node-channel.js';

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 15_000;
const CONNECT_TIMEOUT_MS = 10_000;
const END_TIMEOUT_MS = 1_000;

/** A trigger computes the channel's name in the same way, see the migrations. */
const CHANNEL_SQL = `SELECT 'scripts_event_' || left(md5(n.nspname || '.' || c.relname), 16) AS channel
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)`;

const SAY_SQL = `SELECT pg_notify(c.channel, said) FROM (${CHANNEL_SQL}) c, unnest($2::text[]) said`;

/**
 * Sends with `NOTIFY` through the host's pool, and listens with `LISTEN` on a connection of its own that has the
 * settings of that pool.
 */
export class TypeOrmNodeChannel extends NodeChannel {
  private readonly primary: PrimaryDatabase;
  private readonly others: ((text: string) => void)[] = [];
  private connected = false;

  constructor(private readonly dataSource: DataSource) {
    super();
    this.primary = new PrimaryDatabase(dataSource);
  }

  get listening(): boolean {
    return this.connected;
  }

  open(listener: NodeChannelListener): () => Promise<void> {
    const subscription = new Subscription(this.dataSource, {
      heard: (text) => {
        listener.heard(text);
        for (const heard of this.others) heard(text);
      },
      connected: () => {
        this.connected = true;
        listener.connected();
      },
      disconnected: (error) => {
        this.connected = false;
        listener.disconnected(error);
      },
    });
    void subscription.open();
    return () => {
      this.connected = false;
      return subscription.close();
    };
  }

  hear(heard: (text: string) => void): void {
    this.others.push(heard);
  }

  async say(texts: readonly string[]): Promise<void> {
    await this.primary.query(SAY_SQL, [tablePath(this.dataSource, ScriptEntity), texts]);
  }
}

/**
 * ```
 * connecting ──► listening ──connection lost──► waiting (100 ms, doubled up to 15 s) ──► connecting
 *      └──────────failed────────────────────────►┘            close() from anywhere ──► closed
 * ```
 */
class Subscription {
  private client: Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failures = 0;
  private closed = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly listener: NodeChannelListener,
  ) {}

  async open(): Promise<void> {
    const client = this.makeClient();
    if (client === undefined) return this.retry(new DatabaseAwayError('the DataSource is closed'));
    this.client = client;
    // A connection that breaks emits `error`, `end` or both.
    client.once('end', () => this.lost(client, new DatabaseAwayError('the connection ended')));
    client.on('error', (error: Error) => this.lost(client, error));
    client.on('notification', ({ payload }) => payload !== undefined && this.listener.heard(payload));
    try {
      await client.connect();
      await client.query(`LISTEN "${await this.channel(client)}"`);
      if (this.closed) return;
      this.failures = 0;
      this.listener.connected();
    } catch (error) {
      this.lost(client, error);
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.timer);
    const { client } = this;
    this.client = undefined;
    if (client) await end(client);
  }

  private lost(client: Client, error: unknown): void {
    if (this.closed || this.client !== client) return;
    this.client = undefined;
    void end(client);
    this.retry(error);
  }

  private retry(error: unknown): void {
    if (this.closed) return;
    this.listener.disconnected(error);
    const backOff = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures);
    this.failures = Math.min(this.failures + 1, 10);
    // A random wait between half and all of the back-off, so that nodes don't reconnect at the same moment.
    this.timer = setTimeout(() => void this.open(), backOff * (0.5 + Math.random() / 2));
  }

  /**
   * A client of the host's own copy of pg with the host's settings: address, TLS, password function, options. Undefined
   * while the host's DataSource is closed; the host may open it again.
   */
  private makeClient(): Client | undefined {
    const { master, postgres } = this.dataSource.driver as unknown as {
      master: (Pool & { options: ClientConfig }) | undefined;
      postgres: { Client: new (config: ClientConfig) => Client };
    };
    if (master === undefined) return undefined;
    const { options } = master;
    const config: ClientConfig & { types: SqlTypes } = {
      ...options,
      // pg makes this property non-enumerable.
      password: options.password,
      connectionTimeoutMillis: options.connectionTimeoutMillis || CONNECT_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'scripts-event-index',
      types: OWN_TYPES,
    };
    return new postgres.Client(config);
  }

  private async channel(client: Client): Promise<string> {
    const { rows } = await client.query<{ channel: string }>(CHANNEL_SQL, [
      tablePath(this.dataSource, ScriptEntity),
    ]);
    if (!rows[0]) throw new DatabaseAwayError('the scripts table is missing; run the migrations');
    return rows[0].channel;
  }
}

/** Ends a connection in any state. A connection whose peer is gone doesn't answer a regular end. */
async function end(client: Client): Promise<void> {
  const ended = client.end().catch(() => undefined);
  if ((await within(ended, END_TIMEOUT_MS)) === 'timeout') {
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }
}
