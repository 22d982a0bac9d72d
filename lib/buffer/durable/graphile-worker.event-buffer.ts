import { setTimeout as sleep } from 'node:timers/promises';
import { PrintableLogger } from '../../common/printable-logger.js';
import {
  DurableEventBuffer,
  type EnqueuedIn,
  type EnqueueInOptions,
  type SqlConnection,
} from '../durable-event-buffer.js';
import type { EnqueueResult, EventBufferStats, ProcessQueuedEvent } from '../event-buffer.js';
import { within } from '../../common/within.js';
import { EventBufferClosedError } from '../event-buffer.errors.js';
import type { QueuedEvent } from '../queued-event.js';
import { CaptureWriter } from './queue/capture.writer.js';
import type { DatabasePool, DurableDatabase } from './durable-database.js';
import { EngineJobs } from './engine/engine-jobs.js';
import { engineLogger } from './engine/engine-logger.js';
import { installEngineSchema, lastBreakingChange, prepareEngineSchema } from './engine/engine-schema.js';
import { EngineSession } from './engine/engine-session.js';
import { quotedSchema } from './engine/engine-sql.js';
import { type EngineModule, loadEngine } from './engine/engine.js';
import { FairTags } from './queue/fair-tags.js';
import {
  type DurableSettings,
  type GraphileWorkerEventBufferOptions,
  withDefaults,
} from './graphile-worker.options.js';
import { JobWriter } from './queue/job-writer.js';
import { OutageLog } from './engine/outage-log.js';

/** Connections for our own statements. */
const OWN_CONNECTIONS = 3;
/** One for heartbeats, and one for asking whether the lease holds before a script acts. */
const LEASE_CONNECTIONS = 2;
/**
 * Shortest timeout for connecting and for a heartbeat, in milliseconds, however short the lease is: on a busy machine,
 * a connection may take this long.
 */
const MIN_HEARTBEAT_TIMEOUT_MS = 1_000;
/** A statement that takes longer, in milliseconds, counts as lost. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** If one of our statements waits longer than this for the key of an order, in milliseconds, the server ends it. */
const LOCK_TIMEOUT_MS = 20_000;
/** Longest pause between attempts to join the cluster again, in milliseconds. */
const REJOIN_PAUSE_MS = 1_000;
/** How long the runs of a lost session may take to end before a new one begins, in milliseconds. */
const LOST_GRACE_MS = 5_000;

/**
 * A buffer whose queued events are jobs of graphile-worker in the host's PostgreSQL: any node runs them, and they
 * survive any crash. Delivery is at least once, from the commit of the publisher's transaction on.
 *
 * The engine provides the queue's tables, fetches and completes jobs in batches, and wakes the nodes. This class adds a
 * lease for each node, fairness to tenants, and limits and order across all nodes.
 */
export class GraphileWorkerEventBuffer extends DurableEventBuffer {
  override readonly keepsOrder = true;
  override readonly overflowMessage: string;

  private readonly logger = new PrintableLogger(GraphileWorkerEventBuffer.name);
  private readonly settings: DurableSettings;
  private readonly tags = new FairTags();
  private readonly writer: JobWriter;
  private readonly capture: CaptureWriter;
  private readonly sql: DatabasePool;
  private readonly heartbeatSql: DatabasePool;
  private engine: EngineModule | undefined;
  private process: ProcessQueuedEvent | undefined;
  private session: EngineSession | undefined;
  private rejoining: Promise<void> | undefined;
  private closed = false;
  private stopped = false;
  private ended = false;
  private readonly outages = new OutageLog(this.logger);
  /** Ids under which this node has worked before. */
  private readonly formerIds = new Set<string>();
  private knownTables = 0;
  private outdated = false;

  constructor(
    private readonly database: DurableDatabase,
    options: GraphileWorkerEventBufferOptions,
  ) {
    super();
    this.settings = withDefaults(options);
    const { leaseMs, schema, captureSize } = this.settings;
    this.overflowMessage =
      `${captureSize} queued events were already waiting to be written to the queue; the database was unavailable or too slow. ` +
      'Raise buffer.captureSize if this keeps happening.';
    const timeout = Math.max(MIN_HEARTBEAT_TIMEOUT_MS, Math.round(leaseMs / 3));
    this.sql = database.openPool({
      max: OWN_CONNECTIONS,
      connectTimeoutMs: leaseMs,
      queryTimeoutMs: STATEMENT_TIMEOUT_MS,
    });
    this.heartbeatSql = database.openPool({
      max: LEASE_CONNECTIONS,
      connectTimeoutMs: timeout,
      queryTimeoutMs: timeout,
    });
    this.settings.onTenantLight((tenantId) => this.session?.tenantIsLight(tenantId));
    this.writer = new JobWriter(database.tables, quotedSchema(schema), this.tags, this.sql);
    this.capture = new CaptureWriter(this.sql, this.writer, this.settings, this.logger, LOCK_TIMEOUT_MS);
  }

  /** Throws if graphile-worker or its tables are missing, or the database is unavailable. */
  async start(process: ProcessQueuedEvent): Promise<void> {
    const { schema, installSchema } = this.settings;
    const engine = (this.engine = await loadEngine((line) => this.logger.warn(line)));
    if (installSchema) await installEngineSchema(engine, this.sql, schema, engineLogger(engine));
    await prepareEngineSchema(this.sql, schema, this.database.tables);
    this.knownTables = await lastBreakingChange(this.sql, schema);
    await this.writer.look();
    this.process = process;
    this.session = await this.openSession();
  }

  enqueue(events: readonly QueuedEvent[]): EnqueueResult {
    if (this.closed) return { accepted: 0, overflowed: events };
    const overflowed: QueuedEvent[] = [];
    const displaced: QueuedEvent[] = [];
    for (const event of events) {
      if (this.capture.isFullFor(event)) overflowed.push(event);
      else displaced.push(...this.capture.add(event));
    }
    const result = { accepted: events.length - overflowed.length, overflowed };
    return displaced.length === 0 ? result : { ...result, displaced };
  }

  async enqueueIn(
    connection: SqlConnection | null,
    events: readonly QueuedEvent[],
    { once = false, followUp = false }: EnqueueInOptions = {},
  ): Promise<EnqueuedIn> {
    if (followUp ? this.ended : this.closed) throw new EventBufferClosedError();
    if (events.length === 0) return { enqueued: 0, duplicates: 0 };
    const lockTimeoutMs = connection ? undefined : LOCK_TIMEOUT_MS;
    return this.writer.write(connection ?? this.sql, events, { once, lockTimeoutMs });
  }

  close(): void {
    this.closed = true;
  }

  async drain(timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    const left = () => Math.max(0, deadline - performance.now());
    const flushed = await this.capture.flush(timeoutMs);
    if (this.closed) return ((await this.session?.finish(left())) ?? true) && flushed;
    while (!(await this.isIdle())) {
      if (left() === 0) return false;
      await sleep(Math.min(20, left()));
    }
    return flushed;
  }

  async stop(graceMs: number): Promise<readonly QueuedEvent[]> {
    this.closed = true;
    if (this.stopped) return [];
    this.stopped = true;
    await this.rejoining;
    const left = await this.capture.close(graceMs);
    await this.session?.stop(graceMs);
    this.ended = true;
    const pools = [this.sql, this.heartbeatSql];
    const ended = Promise.all(pools.map((pool) => pool.end()));
    if ((await within(ended, graceMs)) === 'timeout') pools.forEach((pool) => pool.destroy());
    return left;
  }

  stats(): EventBufferStats {
    const { depth, groups } = this.session?.swept ?? { depth: undefined, groups: [] };
    const limited: Record<string, number> = {};
    for (const { reason, count } of groups) limited[reason] = (limited[reason] ?? 0) + count;
    if (depth?.ordered) limited.ordered = depth.ordered;
    const waiting = Object.values(limited).reduce((sum, count) => sum + count, 0);
    return {
      depth: (depth?.ready ?? 0) + waiting + this.capture.backlog,
      capacity: null,
      busy: this.session?.running ?? 0,
      workers: this.settings.workerCount,
      oldestMs: Math.max(
        this.capture.oldestMs,
        depth?.oldestMs ?? 0,
        ...groups.map((group) => group.oldestMs),
      ),
      limited,
    };
  }

  /**
   * False while this node has no lease and starts nothing: the database is unavailable, or the node is too slow to
   * renew the lease.
   */
  get healthy(): boolean {
    return this.session?.healthy ?? false;
  }

  private async openSession(): Promise<EngineSession> {
    const { engine, process } = this;
    if (!engine || !process) throw new Error('The buffer was not started.');
    const onError = (error: unknown) => this.outages.failed(error);
    const session = new EngineSession({
      engine,
      process,
      database: this.database,
      sql: this.sql,
      heartbeatSql: this.heartbeatSql,
      tags: this.tags,
      settings: this.settings,
      onLost: (why) => this.rejoin(session, why),
      onTablesChanged: () => void this.checkTables().catch(onError),
      onUnsupported: (why) => this.giveUp(why),
      onNamesLost: () => this.nameNothing(),
      onReaped: (ids) => this.tellOfDead(ids),
      onRenewed: () => this.outages.heartbeatCame(),
      onMissed: (error) => this.outages.heartbeatFailed(error),
      onError,
    });
    await session.open();
    return session;
  }

  /** Stops working if a newer engine has changed the tables, because this one would damage them. */
  private async checkTables(): Promise<void> {
    if (this.outdated || (await lastBreakingChange(this.sql, this.settings.schema)) === this.knownTables)
      return;
    this.giveUp('a newer graphile-worker changed the tables; deploy that version on this node too');
  }

  /** Stops working until somebody changes the installed engine. */
  private giveUp(why: string): void {
    this.outdated = true;
    this.session?.lose(why);
  }

  private nameNothing(): void {
    this.settings.preparedStatements = false;
    this.logger.warn(
      'A connection pooler between this process and PostgreSQL does not support prepared statements; the queue continues without them. Set buffer.preparedStatements to false to skip this check at startup.',
    );
  }

  /** Ends a lost session, which is never revived, and opens a new one as soon as the database allows it. */
  private rejoin(lost: EngineSession, why: string): void {
    if (this.closed) return;
    this.formerIds.add(lost.nodeId);
    // Only another engine version needs a person; after anything else this node comes back by itself.
    const level = this.outdated ? 'error' : 'warn';
    this.logger[level](
      `This node left the queue because ${why}. Its running jobs were aborted and will be delivered again.`,
    );
    this.rejoining = this.joinAgain(lost);
  }

  private async joinAgain(lost: EngineSession): Promise<void> {
    await lost.settled(LOST_GRACE_MS);
    for (let pause = 100; !this.closed && !this.outdated; pause = Math.min(REJOIN_PAUSE_MS, pause * 2)) {
      try {
        this.session = await this.openSession();
        this.outages.rejoined();
        if (this.closed) return void this.session.finish(0);
        this.logger.log('This node rejoined the queue.');
        return;
      } catch {
        await sleep(pause);
      }
    }
  }

  /** Logs dead nodes, except this node's own former ids. Nodes that died in an outage may be found afterwards. */
  private tellOfDead(ids: readonly string[]): void {
    const others = ids.filter((id) => !this.formerIds.has(id)).length;
    if (others === 0) return;
    this.logger.warn(
      `${others === 1 ? '1 node' : `${others} nodes`} stopped sending heartbeats; their jobs were released to other nodes.`,
    );
  }

  private async isIdle(): Promise<boolean> {
    if (this.capture.backlog > 0 || this.session?.isBusy) return false;
    const jobs = new EngineJobs(this.sql, this.database.tables, this.settings.schema);
    return !(await jobs.any());
  }
}
