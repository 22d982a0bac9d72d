import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { within } from '../common/within.js';
import type { StopSignal } from '../sandbox/index.js';
import { StoreTurns } from '../store/store.turns.js';
import type { LostKey, StoreTurn } from '../store/store.types.js';

/** Longest wait of a run for its turn in this process, and then among all processes, in milliseconds. */
const MOST_WAIT_MS = 5_000;
/** A turn lasts twice as long as the run took before, within these bounds, in milliseconds. */
const TURN_MS = { least: 2_000, most: 10_000 };
/**
 * After {@link TURNS_IN_A_ROW}, a process pauses for {@link ROOM_MS} milliseconds, so that other processes get a turn.
 */
const TURNS_IN_A_ROW = 10;
const ROOM_MS = 40;
/**
 * Milliseconds between two checks whether others are done. Shorter than {@link ROOM_MS}, so that a check falls into
 * that pause.
 */
const LOOK_MS = { least: 5, most: 25 };

/** Waits until another check may have a different result. */
export const beforeAnotherLook = (): Promise<void> =>
  sleep(LOOK_MS.least + Math.random() * (LOOK_MS.most - LOOK_MS.least));

/** The runs of one tenant that wait for their turn in this process. */
interface Queue {
  last: Promise<void>;
  inARow: number;
}

/** The turn of one run. */
export interface RunTurn {
  /**
   * Waits for the turn, but not for long, or prolongs it. Without a turn, another run may change the keys once more.
   *
   * @param ranMs how long the run took
   */
  take(lost: LostKey, ranMs: number): Promise<void>;
  /** @param isStored whether the changes of the run are stored; storing them has already ended the turn */
  end(isStored: boolean): void;
}

/**
 * Gives turns to runs whose keys another run has changed. The runs of a tenant queue up in each process, and the first
 * one of each process competes for the turn. So most of them run again only once, however many want the same key.
 */
@Injectable()
export class StoreQueues {
  private readonly queues = new Map<string, Queue>();

  constructor(private readonly turns: StoreTurns) {}

  /** Returns the turn of a run, not taken yet. A run whose `signal` has aborted doesn't wait for it. */
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
        // If the turn can't be ended now, it expires.
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
        // The commit will report the error of the database.
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
