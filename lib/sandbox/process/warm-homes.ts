import { LRUCache } from 'lru-cache';
import type { PreparedRun } from '../prepared-run.js';
import { SandboxLimits } from '../sandbox.limits.js';

/** Megabytes that an isolate with a frozen realm and a small script takes at least: measured, from 1.65 on. */
const HOME_MB = 1.6;
/** Scripts that a home keeps compiled, and characters of sources that are remembered for one process. */
const MOST_SCRIPTS = 64;
const MOST_CHARACTERS = 8 * 1024 * 1024;
/** What a process may tell of at a time. */
const MOST_GONE = 64;
const CHARACTERS_AROUND = 256;

/** Where a run goes in a process. */
export interface Rooms {
  home: number;
  script: number;
  /** Whether the process should have the source and the settings. */
  isKnown: boolean;
}

/** A source with its settings, in one home. Its bindings are part of its name. */
interface Known extends Pick<PreparedRun, 'source' | 'limits' | 'reservedEventTypes'> {
  number: number;
}

/**
 * What a process has by now, as far as it told: the homes it was given, and the sources. It numbers both, so that neither is
 * named in full with every run; a number is never given twice. A process that has less than it should asks for the source.
 */
export class WarmHomes {
  private readonly homes: LRUCache<string, number>;
  private readonly names = new Map<number, string>();
  private readonly scripts: LRUCache<string, Known>;
  /** How many homes fill it, as far as is known: they grow with use. */
  private fullAt: number;
  private last = 0;

  constructor(keptMemoryMb: number) {
    this.fullAt = keptMemoryMb / HOME_MB;
    this.homes = new LRUCache({
      max: Math.ceil(this.fullAt) + 1,
      dispose: (number) => this.names.delete(number),
    });
    this.scripts = new LRUCache({ max: Math.ceil(this.fullAt + 1) * MOST_SCRIPTS, maxSize: MOST_CHARACTERS });
  }

  has(home: string): boolean {
    return this.homes.has(home);
  }

  /** Share of its budget that it has used up, from 0 on. */
  get fullness(): number {
    return this.homes.size / this.fullAt;
  }

  /** A run goes there. */
  enter(name: string, run: PreparedRun): Rooms {
    let home = this.homes.get(name);
    if (home === undefined) {
      home = ++this.last;
      this.homes.set(name, home);
      this.names.set(home, name);
    }
    const key = `${home} ${run.script}`;
    const known = this.scripts.get(key);
    if (known && isTheSame(known, run)) return { home, script: known.number, isKnown: true };
    const number = ++this.last;
    const { source, limits, reservedEventTypes } = run;
    this.scripts.set(
      key,
      { number, source, limits, reservedEventTypes },
      { size: source.length + CHARACTERS_AROUND },
    );
    return { home, script: number, isKnown: false };
  }

  /** A run was on its way to a home that is gone: the process makes that home anew, under the number it had. */
  hasAgain(name: string, home: number): void {
    if (this.homes.has(name)) return;
    this.homes.set(name, home);
    this.names.set(home, name);
  }

  /**
   * Homes that the process has no more. Throws for what no honest process tells.
   *
   * @param home that of the run that has ended; others had to go because there was no more room
   */
  forget(gone: readonly number[], home: number): void {
    if (!Array.isArray(gone) || gone.length > MOST_GONE) throw new RangeError('homes that are gone');
    let hasMadeRoom = false;
    for (const number of gone) {
      const name = this.names.get(number);
      if (name !== undefined && this.homes.peek(name) === number) this.homes.delete(name);
      hasMadeRoom ||= number !== home;
    }
    if (hasMadeRoom) this.fullAt = Math.max(1, this.homes.size);
  }
}

const LIMITS = Object.keys(new SandboxLimits()) as (keyof SandboxLimits)[];

function isTheSame(known: Known, { source, limits, reservedEventTypes }: PreparedRun): boolean {
  if (known.source !== source) return false;
  // Most hosts pass the same lists and limits again and again.
  if (known.limits !== limits && LIMITS.some((limit) => known.limits[limit] !== limits[limit])) return false;
  if (known.reservedEventTypes === reservedEventTypes) return true;
  return known.reservedEventTypes.join() === reservedEventTypes.join();
}
