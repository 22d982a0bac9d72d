import { LRUCache } from 'lru-cache';
import type { PreparedRun } from '../prepared-run.js';
import { MOST_GONE, MOST_SCRIPTS } from '../protocol.js';
import { SandboxLimits } from '../sandbox.limits.js';

/** Megabytes of a small home: a little less than the least that was measured, 1.40 with one small script. */
const HOME_MB = 1.35;
/** Most characters of the sources that are remembered for one process. */
const MOST_CHARACTERS = 8 * 1024 * 1024;
const CHARACTERS_AROUND = 256;

/** The numbers of a run's home and of its source in one process. */
export interface Rooms {
  home: number;
  script: number;
  /** Whether the process should already have the source and the settings. */
  isKnown: boolean;
  /** Whether the home is the script's own. */
  isOwn: boolean;
}

/** A source and its settings in one home. The bindings are not among them, because `PreparedRun.script` names them. */
interface Known extends Pick<PreparedRun, 'source' | 'limits' | 'reservedEventTypes'> {
  number: number;
}

/**
 * Remembers which homes and sources a process should have. Each has a number, which a run's message carries instead of
 * the source; a number is never reused. A process that lacks a source asks for it.
 */
export class WarmHomes {
  private readonly homes: LRUCache<string, number>;
  private readonly names = new Map<number, string>();
  private readonly scripts: LRUCache<string, Known>;
  private last = 0;
  /** The used share of the memory for homes, from 0 to 1, as the process reported it last. */
  fullness = 0;

  constructor(keptMemoryMb: number) {
    const most = Math.ceil(keptMemoryMb / HOME_MB) + 1;
    this.homes = new LRUCache({ max: most, dispose: (number) => this.names.delete(number) });
    this.scripts = new LRUCache({ max: most * MOST_SCRIPTS, maxSize: MOST_CHARACTERS });
  }

  has(home: string): boolean {
    return this.homes.has(home);
  }

  /** Returns the numbers for a run that goes to this process, and remembers its home and source. */
  enter(name: string, run: PreparedRun): Rooms {
    let home = this.homes.get(name);
    if (home === undefined) {
      home = ++this.last;
      this.homes.set(name, home);
      this.names.set(home, name);
    }
    const isOwn = name !== run.home;
    const key = `${home} ${run.script}`;
    const known = this.scripts.get(key);
    if (known && isTheSame(known, run)) return { home, script: known.number, isKnown: true, isOwn };
    const number = ++this.last;
    const { source, limits, reservedEventTypes } = run;
    this.scripts.set(
      key,
      { number, source, limits, reservedEventTypes },
      { size: source.length + CHARACTERS_AROUND },
    );
    return { home, script: number, isKnown: false, isOwn };
  }

  /**
   * Remembers a home that was forgotten while a run for it was ahead. The process makes the home again, under the same
   * number.
   */
  hasAgain(name: string, home: number): void {
    if (this.homes.has(name)) return;
    this.homes.set(name, home);
    this.names.set(home, name);
  }

  /**
   * Forgets homes that the process no longer has.
   *
   * @throws RangeError for a report that no honest process sends
   */
  forget(gone: readonly number[]): void {
    if (!Array.isArray(gone) || gone.length > MOST_GONE) throw new RangeError('homes that are gone');
    for (const number of gone) {
      const name = this.names.get(number);
      if (name !== undefined && this.homes.peek(name) === number) this.homes.delete(name);
    }
  }

  /**
   * Takes note of how much of the memory for homes is used.
   *
   * @throws RangeError for a report that no honest process sends
   */
  uses(percent: number): void {
    if (!Number.isInteger(percent) || percent < 0 || percent > 100) throw new RangeError('used memory');
    this.fullness = percent / 100;
  }
}

const LIMITS = Object.keys(new SandboxLimits()) as (keyof SandboxLimits)[];

function isTheSame(known: Known, { source, limits, reservedEventTypes }: PreparedRun): boolean {
  if (known.source !== source) return false;
  // Compared by reference first, because most hosts pass the same lists and limits every time.
  if (known.limits !== limits && LIMITS.some((limit) => known.limits[limit] !== limits[limit])) return false;
  if (known.reservedEventTypes === reservedEventTypes) return true;
  return known.reservedEventTypes.join() === reservedEventTypes.join();
}
