import type { BindingWaits } from '../bindings/calls-under-way.js';
import type { EventBufferStats } from '../buffer/event-buffer.js';
import type { Clock } from '../common/clock.js';
import type { RetentionStats } from '../retention/retention.types.js';
import type { ScheduleStats } from '../schedules/schedule.runner.js';
import type { SandboxStats } from '../sandbox/index.js';
import type { IndexFreshness } from '../scripts/script-index.sync.js';
import type { DatabaseReading, DatabaseWatch } from './database.watch.js';
import type { ComponentHealth, HealthComponent, HealthReport, HealthStatus } from './health.types.js';
import {
  databaseHealth,
  type HealthThresholds,
  indexHealth,
  intakeHealth,
  leaseHealth,
  queueHealth,
  recordsHealth,
  type RetryState,
  retentionHealth,
  retriesHealth,
  sandboxHealth,
  schedulesHealth,
  schemaHealth,
  workersHealth,
  type WriterState,
} from './health.verdicts.js';
import type { RunPhaseName } from './run-phase.js';

/** The sources of the figures. Each call reads the current value, synchronously and without I/O. */
export interface HealthSources {
  phase: () => RunPhaseName;
  /** Milliseconds since events were last missed at the intake; null or left out: never. */
  sinceLossMs?: () => number | null;
  buffer: () => EventBufferStats;
  /** Whether this node may run queued events; undefined if the buffer has no leases. */
  lease: () => boolean | undefined;
  sandbox: () => SandboxStats;
  /** What runs are waiting for; left out: nothing. */
  bindings?: () => BindingWaits;
  index: () => IndexFreshness;
  retries: () => RetryState;
  writers: () => readonly WriterState[];
  retention: () => RetentionStats;
  schedules: () => ScheduleStats;
}

export interface HealthSettings extends HealthThresholds {
  databaseTimeoutMs: number;
}

/** If one of these is down, this instance can't run scripts, but another one may. */
const ESSENTIAL: ReadonlySet<string> = new Set<HealthComponent>(['intake', 'schema', 'sandbox', 'index']);

/**
 * The health of this application, part by part.
 *
 * On `down`, send the traffic to another instance (readiness). On `degraded`, alert somebody and leave the instance in
 * place. Neither is a reason to restart it: the package keeps trying to recover, and a restart would lose what waits in
 * memory.
 *
 * @publicApi
 */
export class ScriptsEventHealth {
  /** @internal */
  constructor(
    private readonly sources: HealthSources,
    private readonly database: DatabaseWatch,
    private readonly settings: HealthSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * Checks all parts; the database for up to `health.databaseTimeout`. Never rejects. Simultaneous calls share one
   * query.
   */
  async check(): Promise<HealthReport> {
    return this.report(await this.database.look(this.settings.databaseTimeoutMs));
  }

  /** The same report without I/O: `database` and `schema` are as the last {@link check} found them. Never throws. */
  snapshot(): HealthReport {
    return this.report(this.database.last);
  }

  private report(database: DatabaseReading): HealthReport {
    const { sources, settings } = this;
    const now = this.clock.now();
    const lease = read(() => ofLease(sources.lease()));
    const components: HealthReport['components'] = {
      intake: read(() => intakeHealth(sources.phase(), sources.sinceLossMs?.())),
      database: databaseHealth(database),
      schema: schemaHealth(database),
      queue: read(() => queueHealth(sources.buffer(), settings)),
      workers: read(() => workersHealth(sources.buffer(), settings, sources.bindings?.())),
      ...(lease && { lease }),
      sandbox: read(() => sandboxHealth(sources.sandbox())),
      index: read(() => indexHealth(sources.index(), now, settings)),
      retries: read(() => retriesHealth(sources.retries(), settings)),
      records: read(() => recordsHealth(sources.writers())),
      retention: read(() => retentionHealth(sources.retention(), now, settings)),
      schedules: read(() => schedulesHealth(sources.schedules(), settings)),
    };
    const status = overall(components);
    return { status, summary: summaryOf(status, components), components, checkedAt: new Date(now) };
  }
}

const ofLease = (lease: boolean | undefined): ComponentHealth | undefined =>
  lease === undefined ? undefined : leaseHealth(lease);

/** A part whose figures can't be read, for example because the host has replaced it, must not hide the others. */
function read<T extends ComponentHealth | undefined>(part: () => T): T | ComponentHealth {
  try {
    return part();
  } catch {
    return { status: 'degraded', reason: "its figures can't be read", figures: {} };
  }
}

function overall(components: HealthReport['components']): HealthStatus {
  const parts = Object.entries(components);
  if (parts.some(([name, { status }]) => status === 'down' && ESSENTIAL.has(name))) return 'down';
  return parts.every(([, { status }]) => status === 'up') ? 'up' : 'degraded';
}

const RANK: Record<HealthStatus, number> = { down: 0, degraded: 1, up: 2 };

function summaryOf(status: HealthStatus, components: HealthReport['components']): string {
  const wrong = Object.entries(components)
    .filter(([, part]) => part.status !== 'up')
    .toSorted(([, a], [, b]) => RANK[a.status] - RANK[b.status])
    .map(([name, part]) => `${name} is ${part.status}: ${part.reason}`);
  return wrong.length === 0 ? 'up' : `${status}; ${wrong.join('; ')}`;
}
