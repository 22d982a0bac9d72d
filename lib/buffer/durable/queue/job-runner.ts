import { LeaseLostError } from '../../../common/lease-lost.error.js';
import type { RunLease } from '../../../common/run-lease.js';
import type { Lane, SharedLimits } from '../../shared-limits.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessingVerdict, ProcessQueuedEvent } from '../../event-buffer.js';
import type { QueuedEvent } from '../../queued-event.js';
import { HandedBackError } from '../engine/engine.errors.js';
import type { EngineJob } from '../engine/engine.js';
import type { EngineJobs } from '../engine/engine-jobs.js';
import { type JobEnvelope, isEventJob, laneOf } from './job-envelope.js';
import type { NodeLease } from '../cluster/node-lease.js';
import type { OrderedTurns } from '../order/ordered-turns.js';
import type { Refill } from '../limits/refill.js';
import type { Claim, RunLimits } from '../limits/run-limits.js';
import type { WaitingRoom } from '../limits/waiting-room.js';
import type { WorkerSlots } from '../limits/worker-slots.js';

/** Milliseconds between attempts to return something while the database is unavailable. */
const INSIST_PAUSE_MS = 250;

/** A queued event that this node has to run. */
interface Work {
  event: QueuedEvent;
  delivery: number;
  fence: string;
  /** To be called when the script has run, before its result is stored. */
  ended: () => void;
}

/** What a node needs to run jobs. */
export interface JobRunnerParts {
  process: ProcessQueuedEvent;
  signal: AbortSignal;
  lease: NodeLease;
  slots: WorkerSlots;
  jobs: EngineJobs;
  room: WaitingRoom;
  refill: Refill;
  limits: RunLimits;
  limitsOf: (lane: Lane) => SharedLimits;
  turns: OrderedTurns;
  onError: (error: unknown) => void;
}

/**
 * Handles a job that the engine has handed out: it runs, is put aside, or is returned.
 *
 * If the promise resolves, the engine deletes the job; if it rejects, the engine delivers the job again. A node whose
 * lease is over never deletes a job.
 */
export class JobRunner {
  constructor(private readonly parts: JobRunnerParts) {}

  async run(payload: unknown, job: EngineJob): Promise<void> {
    const { slots, refill } = this.parts;
    const envelope = payload as JobEnvelope;
    const lane = laneOf(envelope);
    const admission = await slots.enter(lane);
    if (admission === 'run') {
      const ended = once(() => {
        slots.runEnded(lane);
        refill.mayGoOn(lane.tenantId);
      });
      try {
        return await this.runAdmitted(job, envelope, lane, ended);
      } finally {
        ended();
        slots.leave();
        // Only now are its slots under limits across all nodes free.
        refill.mayGoOn(lane.tenantId);
      }
    }
    try {
      if (admission === 'back') await this.handBack(job, false);
      else await this.park(job, envelope);
    } finally {
      slots.leaveUnrun();
    }
  }

  /** @param ended to be called when the script has run */
  private async runAdmitted(
    job: EngineJob,
    envelope: JobEnvelope,
    lane: Lane,
    ended: () => void,
  ): Promise<void> {
    if (isEventJob(envelope)) {
      const delivery = job.attempts + (envelope.d ?? 0);
      const work = { event: envelope.e, delivery, fence: job.fence, ended };
      await this.withinLimits(job, envelope, lane, () => this.process(job, work));
      return;
    }
    const turn = await this.parts.turns.take(envelope.t);
    if (!turn) return;
    const { turns } = this.parts;
    let outcome: ProcessingVerdict | 'parked' | undefined;
    try {
      outcome = await this.withinLimits(job, envelope, lane, () => this.process(job, { ...turn, ended }));
    } finally {
      const unused = outcome === 'parked';
      if (outcome === undefined || unused) await this.insist(() => turns.giveBack(turn, unused));
    }
    if (outcome === 'parked') return;
    const block = outcome === 'kept' && turn.event.ordering?.onFailure === 'block';
    await this.insist(() => (block ? turns.block(turn, envelope) : turns.end(turn, envelope)));
  }

  /** Runs the job under the limits across all nodes, or puts it aside. */
  private async withinLimits(
    job: EngineJob,
    envelope: JobEnvelope,
    lane: Lane,
    run: () => Promise<ProcessingVerdict>,
  ): Promise<ProcessingVerdict | 'parked'> {
    const shared = this.parts.limitsOf(lane);
    if (Object.values(shared).every((limit) => limit === undefined)) return run();
    const claim = await this.parts.limits.claim(lane, shared, envelope.r === true);
    if (!claim.granted) {
      await this.park(job, claim.rated ? { ...envelope, r: true } : envelope, claim);
      return 'parked';
    }
    try {
      return await run();
    } finally {
      await this.insist(() => this.parts.limits.release(claim.slots));
    }
  }

  private async process(job: EngineJob, { event, delivery, fence, ended }: Work): Promise<ProcessingVerdict> {
    const { process, signal, lease } = this.parts;
    if (!(await lease.mayBegin())) throw new LeaseLostError();
    if (signal.aborted) return this.handBack(job, false);
    let outcome: ProcessingVerdict | void;
    try {
      const runLease: RunLease = { fencingToken: Number(fence), assure: () => lease.assure() };
      outcome = await process(event, signal, delivery, runLease, ended);
    } catch (error) {
      if (signal.aborted && lease.valid) return this.handBack(job, true);
      throw error;
    }
    // Another node may be running it by now, so this result must not end the job.
    if (!(await lease.stillHeld())) throw new LeaseLostError();
    return outcome ?? 'completed';
  }

  /**
   * Retries until it succeeds, because only a living node can return what it holds. Once its lease is over, others free
   * that, and there is nothing left to do.
   */
  private async insist(write: () => Promise<void>): Promise<void> {
    while (this.parts.lease.valid) {
      try {
        return await write();
      } catch (error) {
        this.parts.onError(error);
        await sleep(INSIST_PAUSE_MS);
      }
    }
  }

  private async park(
    job: EngineJob,
    envelope: JobEnvelope,
    { reason, waitMs }: Pick<Claim & { granted: false }, 'reason' | 'waitMs'> = {
      reason: this.parts.slots.reasonFor(laneOf(envelope)),
      waitMs: 0,
    },
  ): Promise<void> {
    await this.parts.room.park(job, envelope, reason, waitMs);
    this.parts.refill.parked(laneOf(envelope));
  }

  /**
   * Returns the job and throws an error after which the engine does nothing. For any other error, it would delay the
   * job.
   */
  private async handBack(job: EngineJob, begun: boolean): Promise<never> {
    if (!this.parts.lease.valid) throw new LeaseLostError();
    await this.parts.jobs.handBack(job.id, this.parts.lease.nodeId, begun);
    throw new HandedBackError();
  }
}

/** A function that does something at its first call only. */
function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}
