import { Outage } from '../common/outage.js';
import { inOwnContext } from '../common/own-context.js';
import { PrintableLogger } from '../common/printable-logger.js';
import { within } from '../common/within.js';
import type { NodeMessages } from './node-messages.js';
import { RevisionDigest } from './revision-digest.js';

/** The columns that every row in memory has. */
export interface TenantRow {
  readonly tenantId: string;
  readonly revision: string;
}

/** Where the rows are stored. */
export interface TenantRowSource<Row extends TenantRow> {
  /** The digest of all revisions. */
  digest(): Promise<string>;
  /** The digest of each tenant that has rows. */
  digests(): Promise<{ tenantId: string; digest: string }[]>;
  /** All rows of some tenants. */
  rowsOf(tenantIds: readonly string[]): Promise<Row[]>;
}

/** The state of one tenant in memory, made of all its rows at one moment. */
export interface TenantState {
  /** Approximate memory of the state, in bytes. */
  readonly bytes: number;
}

/** How to hold rows in memory. */
export interface TenantRowsOptions<Row, State extends TenantState> {
  /** A plural noun: the kind of the messages between processes, and the subject of log lines. */
  kind: string;
  /** Makes the state of a tenant from its rows, of which there may be none. */
  make: (rows: readonly Row[]) => State;
  /** How often the database is asked for changes, in milliseconds. */
  pollIntervalMs: number;
  /**
   * Memory for all tenants together, in bytes. Tenants that don't fit are read from the database when they are asked
   * for.
   */
  maxBytes: number;
}

/** How many tenants one statement reads. */
const BATCH = 200;
const STOP_TIMEOUT_MS = 5_000;

interface Entry<State> {
  digest: string;
  revisions: readonly string[];
  /** Undefined if there was no room. */
  state: State | undefined;
}

/**
 * Keeps small rows of tenants in memory, in step with the database.
 *
 * - A change by this process: {@link changed} reads the tenant's rows again before its promise resolves, and tells the
 *   other processes.
 * - A change by another process: its message names the tenant, whose rows are read again.
 * - A missed message: every poll compares a digest of all revisions, and reads the tenants that differ.
 *
 * A tenant's rows are read in one statement and replaced as a whole, so every state is consistent. All reads go through
 * one queue, so that an older answer never overwrites a newer one. While the database is unavailable, everything stays
 * as it is.
 */
export class TenantRows<Row extends TenantRow, State extends TenantState> {
  private readonly entries = new Map<string, Entry<State>>();
  private readonly all = new RevisionDigest();
  private readonly none: State;
  private readonly outage: Outage;
  private readonly announced = new Set<string>();
  private queue: Promise<unknown> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private phase: 'new' | 'running' | 'stopped' = 'new';
  private bytes = 0;

  constructor(
    private readonly source: TenantRowSource<Row>,
    private readonly messages: Pick<NodeMessages, 'on' | 'send'>,
    private readonly options: TenantRowsOptions<Row, State>,
  ) {
    this.none = options.make([]);
    const { kind } = options;
    this.outage = new Outage(new PrintableLogger(TenantRows.name), {
      begins: `The ${kind} of tenants stay as last loaded because the database is unavailable`,
      ends: `The ${kind} of tenants are loaded from the database again.`,
      fails: `Loading the ${kind} of tenants fails`,
    });
    messages.on(kind, ({ tenants }) => this.heard(tenants));
  }

  /** Loads all rows and begins to follow changes. Rejects if they can't be read. A second call does nothing. */
  async start(): Promise<void> {
    if (this.phase !== 'new') return;
    this.phase = 'running';
    try {
      await this.enqueue(() => this.compare());
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.schedulePoll();
  }

  /** Stops following changes and keeps the states. Waits no longer than `timeoutMs` for the database. */
  async stop(timeoutMs = STOP_TIMEOUT_MS): Promise<void> {
    this.phase = 'stopped';
    clearTimeout(this.timer);
    await within(this.queue, timeoutMs);
  }

  /** The state of a tenant. Returns a promise, which may reject, only if there was no room in memory. */
  of(tenantId: string): State | Promise<State> {
    const entry = this.entries.get(tenantId);
    return entry === undefined ? this.none : (entry.state ?? this.readNow(tenantId));
  }

  /** The state of a tenant, read from the database now. */
  async readNow(tenantId: string): Promise<State> {
    let read: State | undefined;
    await this.enqueue(async () => {
      read = (await this.reread([tenantId])).get(tenantId);
    });
    return read ?? this.none;
  }

  /**
   * Call this after this process has committed a change of the tenant. Never rejects: if the rows can't be read or
   * other processes can't be told, a later poll finds the change.
   */
  async changed(tenantId: string): Promise<void> {
    if (this.phase !== 'running') return;
    const told = inOwnContext(() => this.messages.send(this.options.kind, { tenants: [tenantId] }));
    const read = this.enqueue(() => this.reread([tenantId]));
    await Promise.all([
      read.catch((error: unknown) => this.failed(error)),
      // A process that misses the message finds the change by polling.
      told.catch(() => undefined),
    ]);
  }

  /** Compares the states with the database, and reads the tenants that differ. Never rejects. */
  async poll(): Promise<void> {
    if (this.phase !== 'running') return;
    await this.enqueue(() => this.compare()).catch((error: unknown) => this.failed(error));
  }

  private heard(tenants: unknown): void {
    if (!Array.isArray(tenants) || this.phase !== 'running') return;
    // Changes that arrive while the queue works are read together.
    if (this.announced.size === 0)
      void this.enqueue(() => this.rereadAnnounced()).catch((error: unknown) => this.failed(error));
    for (const tenantId of tenants) if (typeof tenantId === 'string') this.announced.add(tenantId);
  }

  private async rereadAnnounced(): Promise<void> {
    const tenants = [...this.announced];
    this.announced.clear();
    await this.reread(tenants);
  }

  private schedulePoll(): void {
    if (this.phase !== 'running') return;
    this.timer = setTimeout(
      () => void this.poll().then(() => this.schedulePoll()),
      this.options.pollIntervalMs,
    );
  }

  private async compare(): Promise<void> {
    if ((await this.source.digest()) !== this.all.toString()) await this.reread(await this.differing());
    this.outage.worked();
  }

  private async differing(): Promise<string[]> {
    const gone = new Set(this.entries.keys());
    const differing: string[] = [];
    for (const { tenantId, digest } of await this.source.digests()) {
      gone.delete(tenantId);
      if (this.entries.get(tenantId)?.digest !== digest) differing.push(tenantId);
    }
    return [...differing, ...gone];
  }

  private async reread(tenantIds: readonly string[]): Promise<Map<string, State>> {
    const read = new Map<string, State>();
    for (let from = 0; from < tenantIds.length; from += BATCH) {
      const asked = tenantIds.slice(from, from + BATCH);
      const rows = byTenant(await this.source.rowsOf(asked));
      for (const tenantId of asked) read.set(tenantId, this.put(tenantId, rows.get(tenantId) ?? []));
    }
    return read;
  }

  private put(tenantId: string, rows: readonly Row[]): State {
    this.remove(tenantId);
    if (rows.length === 0) return this.none;
    const revisions = rows.map(({ revision }) => revision);
    const digest = new RevisionDigest();
    for (const revision of revisions) {
      digest.add(revision);
      this.all.add(revision);
    }
    const state = this.options.make(rows);
    const fits = this.bytes + state.bytes <= this.options.maxBytes;
    if (fits) this.bytes += state.bytes;
    this.entries.set(tenantId, { digest: digest.toString(), revisions, state: fits ? state : undefined });
    return state;
  }

  private remove(tenantId: string): void {
    const entry = this.entries.get(tenantId);
    if (entry === undefined) return;
    this.entries.delete(tenantId);
    for (const revision of entry.revisions) this.all.remove(revision);
    this.bytes -= entry.state?.bytes ?? 0;
  }

  private failed(error: unknown): void {
    // Without rows nothing can be out of date, and the script index reports the outage.
    if (this.phase === 'running' && this.entries.size > 0) this.outage.failed(error);
  }

  private enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = inOwnContext(() => this.queue.then(work));
    this.queue = done.catch(() => undefined);
    return done;
  }
}

function byTenant<Row extends TenantRow>(rows: readonly Row[]): Map<string, Row[]> {
  const grouped = new Map<string, Row[]>();
  for (const row of rows) {
    const known = grouped.get(row.tenantId);
    if (known) known.push(row);
    else grouped.set(row.tenantId, [row]);
  }
  return grouped;
}
