import type { Lane, SharedLimits } from '../../shared-limits.js';
import { scriptLane, tenantLane } from './run-limits.js';
import type { WaitingGroup, WaitingRoom } from './waiting-room.js';
import type { WorkerSlots } from './worker-slots.js';

/**
 * Moves queued events out of the waiting room when there is room for them: when a run ends on this node, and at each
 * sweep for room on other nodes. Never moves more than this node could run or hold, so that they don't come back.
 */
export class Refill {
  /** Scripts that are known to have waiting events, by tenant. */
  private waiting = new Map<string, Set<string>>();
  private readonly underWay = new Set<string>();

  constructor(
    private readonly room: WaitingRoom,
    private readonly slots: WorkerSlots,
    private readonly limitsOf: (lane: Lane) => SharedLimits,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** An event was put aside. */
  parked({ tenantId, scriptId }: Lane): void {
    const scripts = this.waiting.get(tenantId);
    if (scripts) scripts.add(scriptId);
    else this.waiting.set(tenantId, new Set([scriptId]));
  }

  /**
   * A run of the tenant has ended, or the tenant is no longer heavy: its script that was served longest ago may continue
   * if it has room.
   */
  mayGoOn(tenantId: string): void {
    if (this.waiting.has(tenantId)) void this.refillOne(tenantId);
  }

  /** Replaces the known state with the state in the database. */
  async swept(groups: readonly WaitingGroup[]): Promise<void> {
    this.waiting = new Map();
    const due = groups.filter((group) => group.due);
    for (const group of due) this.parked(group);
    const coming = new Map<string, number>();
    for (const lane of due) {
      const before = coming.get(lane.tenantId) ?? 0;
      coming.set(lane.tenantId, before + (await this.refill(lane, before)));
    }
  }

  private async refillOne(tenantId: string): Promise<void> {
    // A copy, because entries that are handled move to the end of the set.
    const scripts = Array.from(this.waiting.get(tenantId) ?? []);
    for (const scriptId of scripts) if ((await this.refill({ tenantId, scriptId })) > 0) return;
  }

  /** Releases events. Returns how many. */
  private async refill({ tenantId, scriptId }: Lane, coming = 0): Promise<number> {
    const lane = { tenantId, scriptId };
    const count = this.slots.roomFor(lane, coming);
    if (count <= 0 || this.underWay.has(scriptId)) return 0;
    this.underWay.add(scriptId);
    this.forget(lane);
    this.parked(lane);
    try {
      const lanes = limitedLanes(lane, this.limitsOf(lane));
      const released = await this.room.release({ ...lane, count, lanes });
      if (released === 0) this.forget(lane);
      return released;
    } catch (error) {
      this.onError(error);
      return 0;
    } finally {
      this.underWay.delete(scriptId);
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
