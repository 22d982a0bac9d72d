import { Turns } from '../../common/turns.js';
import type { FailureKind, Outcome } from '../outcome.js';
import { failed } from '../outcome-reader.js';
import type { PreparedRun } from '../prepared-run.js';

/** A run that waits for a process. */
export interface QueuedRun {
  readonly run: PreparedRun;
  readonly resolve: (outcome: Outcome) => void;
  /** Takes the run out of the queue for a process. From then on, the queue no longer watches the caller's signal. */
  readonly begin: () => BegunRun;
  /** Whether it may be sent ahead into a process in which another run is in progress. */
  mayGoAhead: boolean;
  /** How often a later run went first. */
  overtaken: number;
  /** When a later run went first for the first time, or when this run began to wait for a busy process. */
  passedOverAt: number | undefined;
}

/** A run that has left the queue for a process. */
export interface BegunRun {
  /** Call it when the run has ended. */
  readonly ended: () => void;
  /** Puts the run back in front of its tenant's other runs. */
  readonly putBack: () => void;
}

/** The runs of one tenant. */
interface Lane {
  readonly tenantId: string;
  /** Runs that were put back. They come before `waiting`. */
  readonly back: Set<QueuedRun>;
  readonly waiting: Set<QueuedRun>;
  /** Number of runs in a process. */
  running: number;
}

/** The rings in which tenants wait: one for tenants with nothing in a process, one for the others. */
const RESTING = 0;
const RUNNING = 1;
/** Heavy tenants have rings of their own. */
const HEAVY = 2;
const ANY_HEAVY = [HEAVY + RESTING, HEAVY + RUNNING];
const RINGS: Record<'light' | 'all', [number[], number[]]> = {
  light: [[RESTING], [RUNNING]],
  all: [
    [RESTING, HEAVY + RESTING],
    [RUNNING, HEAVY + RUNNING],
  ],
};

/** Which waiting runs may begin. */
export interface Admitted {
  /** Only those of tenants that have nothing in a process. */
  restingOnly?: boolean;
  /** Only those of tenants that are not heavy. */
  lightOnly?: boolean;
}

const NOTHING_USED = { durationMs: 0, cpuMs: 0, bindingCalls: 0, logsDropped: 0 };

/** The outcome of a run that never reached a process. */
export const neverRan = (kind: FailureKind, message: string): Outcome =>
  failed({ kind, message }, [], { ...NOTHING_USED });

/**
 * The waiting runs. Tenants take turns, those with nothing in a process first; the runs of a tenant keep their order. A
 * caller's signal removes its run.
 */
export class RunQueue {
  private readonly lanes = new Map<string, Lane>();
  private readonly turns = new Turns<Lane>(4);
  private count = 0;

  constructor(private readonly isHeavy: (tenantId: string) => boolean = () => false) {}

  get size(): number {
    return this.count;
  }

  add(run: PreparedRun): Promise<Outcome> {
    return new Promise((resolve) => {
      const { signal } = run;
      const lane = this.laneOf(run.tenantId);
      const cancel = (): void =>
        entry.resolve(neverRan('cancelled', 'The run was cancelled before it began'));
      const leaveQueue = (): void => {
        if (lane.back.delete(entry) || lane.waiting.delete(entry)) this.count -= 1;
        signal?.removeEventListener('abort', cancel);
      };
      const enter = (waiting: Set<QueuedRun>): void => {
        if (signal?.aborted) return cancel();
        signal?.addEventListener('abort', cancel, { once: true });
        waiting.add(entry);
        this.count += 1;
        this.list(lane);
      };
      const leaveProcess = (): void => {
        lane.running -= 1;
        this.list(lane);
      };
      const entry: QueuedRun = {
        run,
        mayGoAhead: true,
        overtaken: 0,
        passedOverAt: undefined,
        begin: () => {
          leaveQueue();
          lane.running += 1;
          this.list(lane, true);
          const putBack = (): void => {
            entry.mayGoAhead = false;
            enter(lane.back);
            leaveProcess();
          };
          return { ended: leaveProcess, putBack };
        },
        resolve: (outcome) => {
          leaveQueue();
          this.list(lane);
          resolve(outcome);
        },
      };
      enter(lane.waiting);
    });
  }

  /**
   * The next run of each tenant, in order, for at most `most` tenants: those that have nothing in a process, or the
   * others if there are none and `restingOnly` is false.
   */
  first(most: number, { restingOnly = false, lightOnly = false }: Admitted = {}): QueuedRun[] {
    const [resting, running] = lightOnly ? RINGS.light : RINGS.all;
    let lanes = this.turns.firstOf(resting, most);
    if (lanes.length === 0 && !restingOnly) lanes = this.turns.firstOf(running, most);
    return lanes.map((lane) => firstOf(lane)!);
  }

  /** Whether a tenant that has nothing in a process has a waiting run. */
  hasResting(lightOnly: boolean): boolean {
    const [resting] = lightOnly ? RINGS.light : RINGS.all;
    return this.turns.first(resting) !== undefined;
  }

  /** Whether a heavy tenant has a waiting run. */
  get hasHeavy(): boolean {
    return this.turns.first(ANY_HEAVY) !== undefined;
  }

  /** Lets the waiting runs of a tenant count as what the tenant is now. Call it when the tenant is no longer heavy. */
  relist(tenantId: string): void {
    const lane = this.lanes.get(tenantId);
    if (lane) this.list(lane);
  }

  /** Ends all waiting runs. */
  clear(kind: FailureKind, message: string): void {
    for (const lane of this.lanes.values())
      for (const entry of [...lane.back, ...lane.waiting]) entry.resolve(neverRan(kind, message));
  }

  private laneOf(tenantId: string): Lane {
    let lane = this.lanes.get(tenantId);
    if (!lane)
      this.lanes.set(tenantId, (lane = { tenantId, back: new Set(), waiting: new Set(), running: 0 }));
    return lane;
  }

  /**
   * Puts a tenant into its ring, or takes it out if none of its runs waits.
   *
   * @param toTheEnd whether the tenant has had its turn and goes to the end of the ring
   */
  private list(lane: Lane, toTheEnd = false): void {
    const { tenantId, running } = lane;
    const isWaiting = firstOf(lane) !== undefined;
    if (!isWaiting || toTheEnd) this.turns.remove(lane);
    if (isWaiting)
      this.turns.add(lane, (running > 0 ? RUNNING : RESTING) + (this.isHeavy(tenantId) ? HEAVY : 0));
    else if (running === 0) this.lanes.delete(tenantId);
  }
}

const firstOf = ({ back, waiting }: Lane): QueuedRun | undefined =>
  back.values().next().value ?? waiting.values().next().value;
