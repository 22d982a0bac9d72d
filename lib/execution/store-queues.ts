import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { within } from '../common/within.js';
import type { StopSignal } from '../sandbox/index.js';
import { StoreTurns } from '../store/store.turns.js';
import type { LostKey, StoreTurn } from '../store/store.types.js';

/** Longest wait of a run for its turn, in this process and then over all, in milliseconds each. */
const MOST_WAIT_MS = 5_000;
/** A turn lasts twice as long as the run took before, within these bounds, in milliseconds. */
const TURN_MS = { least: 2_000, most: 10_000 };
/** Turns of one process in a row, before it leaves room for another one, and for how long, in milliseconds. */
const TURNS_IN_A_ROW = 10;
const ROOM_MS = 40;
/** Between two looks whether others are done, in milliseconds: shorter than the room that they leave. */
const LOOK_MS = { least: 5, most: 25 };

/** Waits until another look may find something else. */
export const beforeAnotherLook = (): Promise<void> =>
  sleep(LOOK_MS.least + Math.random() * (LOOK_MS.most - LOOK_MS.least));

/** Runs of one tenant in this process that wait for their turn, one behind the other. */
interface Queue {
  last: Promise<void>;
  inARow: number;
}

/** The turn of one run. */
export interface RunTurn {
  /**
   * Waits for it, or prolongs it, but not for ever: without it the run may lose its keys once more.
   *
   * @param ranMs how long the run took
   */
  take(lost: LostKey, ranMs: number): Promise<void>;
  /** @param isStored whether the changes of the run are stored, which has ended its turn already */
  end(isStored: boolean): void;
}

/**
 * Brings runs that lost a key to others in order: first those of a tenant in this process, one behind the other, then the first of them
 * among all processes. So each of them runs again once, as a rule, however many want the same key.
 */
@Injectable()
export class StoreQueues {
  private readonly queues = new Map<string, Queue>();

  constructor(private readonly turns: StoreTurns) {}

  /** The turn of a run, which it hasn't yet. A run that is to end waits for none. */
  of(tenantId: string, executionId: string, signal: Pick<StopSignal, 'aborted'>): RunTurn {
    let queue: { turns: Queue; leave: () => void } | undefined;
    let held: StoreTurn | undefined;
    const leave = (): void => queue?.leave();
    return {
      take: async (lost, ranMs) => {
        queue ??= await this.enter(tenantId);
        const turn = { tenantId, executionId, lost };
        if (await this.taken(turn, queue.turns, ranMs, signal)) held = turn;
      },
      end: (isStored) => {
        // Ends by itself if it can't be ended now.
        if (held && !isStored) void this.turns.end(held).then(leave, leave);
        else leave();
      },
    };
  }

  private async taken(
    turn: StoreTurn,
    queue: Queue,
    ranMs: number,
    signal: Pick<StopSignal, 'aborted'>,
  ): Promise<boolean> {
    const until = performance.now() + MOST_WAIT_MS;
    const ms = Math.min(TURN_MS.most, Math.max(TURN_MS.least, 2 * ranMs));
    if (queue.inARow === TURNS_IN_A_ROW) {
      queue.inARow = 0;
      await sleep(ROOM_MS);
    }
    while (!signal.aborted) {
      try {
        if (await this.turns.take(turn, ms)) {
          queue.inARow += 1;
          return true;
        }
      } catch {
        // The commit says what is wrong with the database.
        return false;
      }
      queue.inARow = 0;
      if (performance.now() >= until) return false;
      await beforeAnotherLook();
    }
    return false;
  }

  private async enter(tenantId: string): Promise<{ turns: Queue; leave: () => void }> {
    const turns = this.queues.get(tenantId) ?? { last: Promise.resolve(), inARow: 0 };
    this.queues.set(tenantId, turns);
    const before = turns.last;
    let leave!: () => void;
    const mine = new Promise<void>((resolve) => (leave = resolve));
    const last = before.then(() => mine);
    turns.last = last;
    await within(before, MOST_WAIT_MS);
    return {
      turns,
      leave: () => {
        leave();
        if (turns.last === last) this.queues.delete(tenantId);
      },
    };
  }
}
