import { LONGEST_TIMER_MS } from '../../../common/duration.js';
import { EventEmitter, once, setMaxListeners } from 'node:events';
import { within } from '../../../common/within.js';
import type { ProcessQueuedEvent } from '../../event-buffer.js';
import type { DurableDatabase, Sql } from '../durable-database.js';
import { EngineConnections } from './engine-connections.js';
import { EngineJobs } from './engine-jobs.js';
import { engineLogger } from './engine-logger.js';
import { quotedSchema } from './engine-sql.js';
import type { EngineJob, EngineModule, EngineWorkerPool } from './engine.js';
import type { FairTags } from '../queue/fair-tags.js';
import type { DurableSettings } from '../graphile-worker.options.js';
import { TASK } from '../queue/job-envelope.js';
import { GuardedFetch } from './guarded-fetch.js';
import { JobRunner } from '../queue/job-runner.js';
import { NodeLease } from '../cluster/node-lease.js';
import { NodeRegistry } from '../cluster/node-registry.js';
import { OrderedTurns } from '../order/ordered-turns.js';
import { Refill } from '../limits/refill.js';
import { RunLimits } from '../limits/run-limits.js';
import { Sweeper, type SweptState } from '../cluster/sweeper.js';
import { WaitingRoom } from '../limits/waiting-room.js';
import { WorkerSlots } from '../limits/worker-slots.js';

/** What a session needs. */
export interface SessionParts {
  engine: EngineModule;
  database: DurableDatabase;
  /** For our own statements. */
  sql: Sql;
  /** For the lease alone, so that nothing delays it. */
  heartbeatSql: Sql;
  tags: FairTags;
  settings: DurableSettings;
  process: ProcessQueuedEvent;
  /** The session has ended by itself: its lease was lost or its engine ended. */
  onLost: (why: string) => void;
  /** An engine in this database has changed its tables; see `EngineConnectionsEvents`. */
  onTablesChanged: () => void;
  /** The installed engine cannot be used; see `EngineConnectionsEvents`. */
  onUnsupported: (why: string) => void;
  /** A pooler doesn't keep prepared statements; later sessions need not try. */
  onNamesLost: () => void;
  onReaped: (nodeIds: readonly string[]) => void;
  /** The database has renewed the lease, so it answers. */
  onRenewed: () => void;
  /** A heartbeat failed. */
  onMissed: (error: unknown) => void;
  onError: (error: unknown) => void;
}

/** Connections of the engine: one listens, one fetches, one completes, and one is spare. */
const ENGINE_CONNECTIONS = 4;
/** Milliseconds after which jobs that wait in this process for a worker are returned for other nodes. */
const LOCAL_QUEUE_TTL_MS = 500;
/** How many milliseconds finished jobs are collected for one statement. */
const COMPLETE_BATCH_MS = 5;

/**
 * One membership of this node in the cluster: a lease, and an engine that works under its name.
 *
 * ```
 * open ──► working ── finish ──► finishing (what runs goes on) ── stop ──► over
 *             │                                                    ▲
 *             ├── stop ──────────────────────────────────────────--┘
 *             └── lease lost, engine ended ──► lost: runs aborted, connections cut; the buffer opens a new session
 * ```
 */
export class EngineSession {
  private readonly abort = new AbortController();
  private readonly connections: EngineConnections;
  private readonly pool: EngineWorkerPool;
  private readonly registry: NodeRegistry;
  private readonly lease: NodeLease;
  private readonly slots: WorkerSlots;
  private readonly room: WaitingRoom;
  private readonly refill: Refill;
  private readonly sweeper: Sweeper;
  private readonly runner: JobRunner;
  private connectFirst!: () => void;
  private ended = false;
  private engineEnded = false;
  private finished: Promise<void> | undefined;
  private readonly engineEvents = new EventEmitter();
  private localQueueMode = '';
  private fetchedAt = 0;
  private watch: NodeJS.Timeout | undefined;

  constructor(private readonly parts: SessionParts) {
    const { settings, sql, heartbeatSql, database, tags, onError } = parts;
    const { tables } = database;
    const engine = quotedSchema(settings.schema);
    setMaxListeners(0, this.abort.signal);
    const mayConnect = new Promise<void>((resolve) => (this.connectFirst = resolve));
    const enginePool = database.openPool({ max: ENGINE_CONNECTIONS, connectTimeoutMs: settings.leaseMs });
    this.connections = new EngineConnections(
      enginePool,
      mayConnect,
      engine,
      new GuardedFetch(tables, settings.leaseMs),
      {
        tablesChanged: parts.onTablesChanged,
        unsupported: parts.onUnsupported,
        namesLost: parts.onNamesLost,
      },
    );
    this.slots = new WorkerSlots(settings);
    this.pool = this.startEngine();
    const { id } = this.pool;

    this.registry = new NodeRegistry(heartbeatSql, tables, settings.schema);
    this.lease = new NodeLease(id, this.registry, settings, {
      lost: () => this.lose('its lease ran out'),
      reaped: (ids) => {
        this.sweeper.nodesDied();
        parts.onReaped(ids);
      },
      renewed: parts.onRenewed,
      missed: parts.onMissed,
    });
    this.room = new WaitingRoom(sql, tables, settings.schema, tags, id);
    const jobs = new EngineJobs(sql, tables, settings.schema);
    const turns = new OrderedTurns(sql, tables, engine, tags, id, settings.leaseMs);
    const limitsOf = settings.sharedLimits;
    const limits = new RunLimits(sql, tables, id, settings.leaseMs);
    this.refill = new Refill(this.room, this.slots, limitsOf, onError);
    this.runner = new JobRunner({
      process: parts.process,
      signal: this.abort.signal,
      lease: this.lease,
      slots: this.slots,
      jobs,
      room: this.room,
      refill: this.refill,
      limits,
      limitsOf,
      turns,
      onError,
    });
    this.sweeper = new Sweeper(
      { sql, tables, jobs, room: this.room, refill: this.refill, turns, limits },
      settings,
      onError,
    );
  }

  /** Takes the lease and starts to work. Rejects if the database is unavailable; the session is over then. */
  async open(): Promise<void> {
    try {
      await this.lease.join();
    } catch (error) {
      this.end();
      throw error;
    }
    this.connectFirst();
    this.sweeper.start();
    this.watchEngine();
  }

  /** The name under which this node works while the session lasts. */
  get nodeId(): string {
    return this.pool.id;
  }

  get running(): number {
    return this.slots.running;
  }

  /** Whether a job runs, or its result is being stored. */
  get isBusy(): boolean {
    return this.slots.running + this.slots.storing > 0;
  }

  /** A tenant is no longer heavy, so its jobs may use workers that are kept from heavy ones. */
  tenantIsLight(tenantId: string): void {
    this.slots.tenantIsLight();
    this.refill.mayGoOn(tenantId);
  }

  get swept(): SweptState {
    return this.sweeper.last;
  }

  /** True while the node may start to run something. */
  get healthy(): boolean {
    return !this.ended && this.lease.mayStart;
  }

  /** Starts nothing new and waits for what is running. Returns false if that takes longer than `timeoutMs`. */
  async finish(timeoutMs: number): Promise<boolean> {
    return (await within(this.finishing(), timeoutMs)) === 'done';
  }

  /** Aborts what is running, waits for it up to `graceMs`, and leaves the cluster. */
  async stop(graceMs: number): Promise<void> {
    if (this.ended) return;
    this.abort.abort();
    const clean = await this.finish(graceMs);
    this.ended = true;
    this.lease.stop();
    // A statement that hangs must not delay the end of the process.
    await within(Promise.all([this.sweeper.stop(), this.room.close()]), graceMs);
    // Runs that still continue belong to this node until its lease has expired.
    if (clean) await this.registry.leave(this.lease.nodeId).catch(this.parts.onError);
    const ending = clean ? this.connections.end().catch(this.parts.onError) : undefined;
    if (!ending || (await within(ending, graceMs)) === 'timeout') this.connections.cutOff();
  }

  /** Waits up to `graceMs` for the runs of a lost session to end. */
  async settled(graceMs: number): Promise<void> {
    await within(this.finishing(), graceMs);
  }

  private startEngine(): EngineWorkerPool {
    const { engine, settings } = this.parts;
    const events = this.engineEvents;
    events.on('localQueue:setMode', ({ newMode }: { newMode: string }) => (this.localQueueMode = newMode));
    events.on('localQueue:getJobs:complete', () => (this.fetchedAt = performance.now()));
    events.on('worker:getJob:empty', () => this.slots.gotNone());
    events.on('worker:getJob:error', () => this.slots.gotNone());
    const task = (payload: unknown, helpers: { job: EngineJob }) => this.runner.run(payload, helpers.job);
    const pool = engine.runTaskList(
      {
        schema: settings.schema,
        concurrency: settings.workerCount + this.slots.takeable + this.slots.storable,
        pollInterval: settings.pollMs,
        noHandleSignals: true,
        noPreparedStatements: !settings.preparedStatements,
        logger: engineLogger(engine),
        events,
        forbiddenFlags: async () => {
          await this.slots.mayAsk();
          return null;
        },
        preset: {
          worker: {
            localQueue: { size: settings.workerCount + 1, ttl: LOCAL_QUEUE_TTL_MS },
            completeJobBatchDelay: COMPLETE_BATCH_MS,
            failJobBatchDelay: COMPLETE_BATCH_MS,
            // The engine's own abort signal isn't used.
            gracefulShutdownAbortTimeout: LONGEST_TIMER_MS,
          },
        },
      },
      { [TASK]: task },
      this.connections,
    );
    const over = () => {
      this.engineEnded = true;
      this.lose('its engine stopped');
    };
    pool.promise.then(over, over);
    return pool;
  }

  /**
   * Ends the session if the engine stops looking for jobs. An engine without jobs looks all the time. Once it stops, it
   * never starts again, because 0.17.3 keeps the error of its first statement forever.
   */
  private watchEngine(): void {
    const longest = Math.max(3 * this.parts.settings.leaseMs, 10 * this.parts.settings.pollMs);
    this.fetchedAt = performance.now();
    this.watch = setInterval(() => {
      const stuck = this.localQueueMode === 'POLLING' && performance.now() - this.fetchedAt > longest;
      if (stuck) this.lose('its engine stopped looking for jobs');
      // A notification may have arrived while the listening connection was down.
      this.parts.onTablesChanged();
    }, this.parts.settings.leaseMs).unref();
  }

  private finishing(): Promise<void> {
    return (this.finished ??= this.finishEngine().catch(this.parts.onError));
  }

  /**
   * Empties the engine's local queue before the engine is told to stop. Otherwise 0.17.3 fails when it returns its
   * jobs, and then takes even the running ones from their workers. So the workers take what is left there and hand it
   * back.
   */
  private async finishEngine(): Promise<void> {
    clearInterval(this.watch);
    this.connections.fetchNoMore();
    this.slots.close();
    while (this.localQueueMode === 'WAITING') await once(this.engineEvents, 'localQueue:setMode');
    if (!this.engineEnded) await this.pool.gracefulShutdown('The node is stopping');
  }

  /** Ends the session as if its lease had expired. */
  lose(why: string): void {
    if (this.ended || this.finished) return;
    this.end();
    this.parts.onLost(why);
  }

  private end(): void {
    this.ended = true;
    this.lease.stop();
    this.abort.abort();
    this.connections.cutOff();
    this.connectFirst();
    void this.sweeper.stop();
    void this.room.close();
    void this.finishing();
  }
}
