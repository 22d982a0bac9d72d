import type { Lane, SharedLimits } from '../shared-limits.js';
import { scriptLane, tenantLane } from './run-limits.js';
import type { WaitingGroup, WaitingRoom } from './waiting-room.js';
import type { WorkerSlots } from './worker-slots.js';

/**
 * Takes queued events out of the waiting room as room for them appears: when a run ends on this node, and at each sweep
 * for room that appeared elsewhere. Never more than this node could run or hold, so that they do not come back.
 */
export class Refill {
  /** Scripts known to have somebody waiting, by tenant. */
  private waiting = new Map<string, Set<string>>();
  private readonly underWay = new Set<string>();

  constructor(
    private readonly room: WaitingRoom,
    private readonly slots: WorkerSlots,
    private readonly limitsOf: (lane: Lane) => SharedLimits,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Somebody was put aside. */
  parked({ tenantId, scriptId }: Lane): void {
    const scripts = this.waiting.get(tenantId);
    if (scripts) scripts.add(scriptId);
    else this.waiting.set(tenantId, new Set([scriptId]));
  }

  /** A run has ended: its script, or another one of its tenant, may go on. */
  runEnded({ tenantId, scriptId }: Lane): void {
    const scripts = this.waiting.get(tenantId);
    if (!scripts) return;
    if (scripts.has(scriptId)) void this.refill({ tenantId, scriptId });
    else for (const other of scripts) void this.refill({ tenantId, scriptId: other });
  }

  /** The whole truth, from the database. */
  async swept(groups: readonly WaitingGroup[]): Promise<void> {
    this.waiting = new Map();
    const due = groups.filter((group) => group.due);
    for (const group of due) this.parked(group);
    for (const { tenantId, scriptId } of due) await this.refill({ tenantId, scriptId });
  }

  private async refill(lane: Lane): Promise<void> {
    const count = this.slots.roomFor(lane);
    if (count <= 0 || this.underWay.has(lane.scriptId)) return;
    this.underWay.add(lane.scriptId);
    try {
      const lanes = limitedLanes(lane, this.limitsOf(lane));
      const released = await this.room.release({ ...lane, count, lanes });
      if (released === 0) this.forget(lane);
    } catch (error) {
      this.onError(error);
    } finally {
      this.underWay.delete(lane.scriptId);
    }
  }

  private forget({ tenantId, scriptId }: Lane): void {
    const scripts = this.waiting.get(tenantId);
    scripts?.delete(scriptId);
    if (scripts?.size === 0) this.waiting.delete(tenantId);
  }
}

function limitedLanes({ tenantId, scriptId }: Lane, limits: SharedLimits): { name: string; slots: number }[] {
  const lanes = [];
  if (limits.scriptRuns !== undefined) lanes.push({ name: scriptLane(scriptId), slots: limits.scriptRuns });
  if (limits.tenantRuns !== undefined) lanes.push({ name: tenantLane(tenantId), slots: limits.tenantRuns });
  return lanes;
}
