import ivm from 'isolated-vm';
import { LRUCache } from 'lru-cache';
import { MOST_SCRIPTS } from '../protocol.js';
import type { RunSettings } from '../protocol.js';
import type { Begin, PreludeSettings } from './prelude/prelude.types.js';
import { Collector } from './collector.js';
import { keepCompiled, RealmMaker } from './realm.js';
import type { Realm } from './realm.js';
import { bodyOf, SCRIPT_FILE, wrapSource } from './source-wrapper.js';

/**
 * How many runs a home serves before it is replaced, which bounds garbage and fragmentation. A busy home is replaced
 * rarely, because the engine needs some 50 ms of processor time to optimise the prelude in each new one. Over 500,000
 * runs in one home, the memory of its process stayed the same.
 */
const MAX_RUNS = { context: 500, isolate: 1, compartment: 100_000 };
/**
 * An isolate is not used for another run if scripts have left more in it than this share of `memoryMb`. A script has
 * ways to leave something, such as a private field on an object that all runs share, or a registered symbol. Only a
 * collection tells what is garbage, so it takes place once garbage and the rest together exceed the share. A collection
 * takes a few milliseconds of processor time. A new isolate takes as much, and then runs slowly until the engine has
 * optimised its code.
 */
const MAX_GROWTH_SHARE = 1 / 5;
/**
 * An isolate that has grown by more than this is replaced without a collection, because that would take long if it is
 * not garbage. By itself, the engine lets some 11 MB pile up before it collects.
 */
const MOST_COLLECTED_BYTES = 32 * 1024 * 1024;

/**
 * What the engine allocates for an isolate beside its heap, and reports nowhere: hardly anything at first, and this
 * much once the isolate has run scripts for some time. Measured as the resident memory of a process with 60 homes.
 */
const UNREPORTED = { bytes: 512 * 1024, runs: 1_000 };

/** The source doesn't compile. */
export class SourceError extends Error {
  constructor(readonly thrown: unknown) {
    super('the source does not compile');
  }
}

/** The isolate ran out of memory before a script could start in it. */
export class IsolateMemoryError extends Error {
  constructor() {
    super('the isolate has too little memory for the source');
  }
}

/** The part of a run's settings that decides which home it needs. */
type Purpose = Pick<RunSettings, 'isolation'> & { limits: { memoryMb: number } };

/** A script to run, with its source if the home has not compiled it yet. */
export interface Guest {
  script: number;
  settings: RunSettings;
  source: string | undefined;
}

/** What a run gets in a home. */
export interface Entered {
  realm: Realm;
  begin: ivm.Reference<Begin>;
  /** Milliseconds that it took to compile the source; 0 if it was compiled before. */
  compileMs: number;
  /** Whether the script runs for the first time since it was compiled. */
  isFirst: boolean;
}

/** A compiled script, prepared for the realm in which it last ran. */
interface Compiled {
  readonly program: ivm.Script;
  readonly settings: RunSettings;
  realm: Realm | undefined;
  begin: ivm.Reference<Begin> | undefined;
}

/**
 * An isolate of one tenant, with compiled scripts of that tenant. It is never used for another tenant. In a
 * `compartment`, all scripts run in one frozen realm, one at a time and each as a function of its own; they share
 * nothing that a script could change.
 */
export class Home {
  private readonly isolate: ivm.Isolate;
  private readonly realms: RealmMaker;
  private readonly scripts = new LRUCache<number, Compiled>({
    max: MOST_SCRIPTS,
    dispose: (compiled) => release(compiled),
  });
  private readonly collector: Collector;
  private frozen: Realm | undefined;
  private runs = 0;
  private lastScript: number | undefined;
  private hasManyScripts = false;
  /** Bytes that the isolate had in use before its first script. */
  private newBytes: number | undefined;
  /** Bytes that the isolate takes of the memory of its process, as last measured. */
  bytes = 0;

  /** Throws {@link IsolateMemoryError} if the prelude needs more than `memoryMb`. */
  constructor(private readonly purpose: Purpose) {
    this.isolate = new ivm.Isolate({ memoryLimit: purpose.limits.memoryMb });
    this.collector = new Collector(this.isolate);
    this.realms = this.within(() => new RealmMaker(this.isolate));
  }

  get isDisposed(): boolean {
    return this.isolate.isDisposed;
  }

  get isUsed(): boolean {
    return this.runs > 0;
  }

  /** Whether scripts other than the last one have run in this home. */
  get isShared(): boolean {
    return this.hasManyScripts;
  }

  /** The settings of a script that this home has compiled. */
  settingsOf(script: number): RunSettings | undefined {
    return this.scripts.peek(script)?.settings;
  }

  /** Returns the realm and the script for one run. Throws {@link SourceError} and {@link IsolateMemoryError}. */
  enter(guest: Guest): Entered {
    return this.within(() => {
      const realm = this.realm();
      this.newBytes ??= this.measure();
      const before = performance.now();
      const known = this.scripts.get(guest.script);
      const compiled = known ?? this.compile(guest, realm);
      const compileMs = known ? 0 : performance.now() - before;
      if (compiled.realm !== realm) {
        leaveRealm(compiled);
        compiled.begin = realm.prepare(compiled.program, preludeSettings(compiled.settings));
        compiled.realm = realm;
      }
      this.hasManyScripts ||= this.lastScript !== undefined && this.lastScript !== guest.script;
      this.lastScript = guest.script;
      this.runs++;
      return { realm, begin: compiled.begin!, compileMs, isFirst: known === undefined };
    });
  }

  /**
   * Ends a run. A realm in which the run left something is not used again.
   *
   * @param ranMs how long the run took
   * @returns false if the run left something in a realm that later runs would have used
   */
  leave(realm: Realm, ranMs: number): boolean {
    if (this.isDisposed) return true;
    const isOwn = realm === this.frozen;
    if (isOwn && isUntouched(realm, ranMs)) return true;
    this.frozen = undefined;
    // Otherwise each script would keep the realm in memory until it runs again.
    for (const compiled of this.scripts.values()) if (compiled.realm === realm) leaveRealm(compiled);
    realm.release();
    return !isOwn;
  }

  /** Whether the home should serve another run. Measures its memory, and collects its garbage if there is much. */
  mayServeAgain(): boolean {
    const { isolation, limits } = this.purpose;
    if (this.isDisposed || this.runs >= MAX_RUNS[isolation]) return false;
    const most = limits.memoryMb * 1024 * 1024 * MAX_GROWTH_SHARE;
    const grown = this.grownBytes();
    if (grown < most) return true;
    return grown <= MOST_COLLECTED_BYTES && this.collector.collect() && this.grownBytes() < most;
  }

  /**
   * Lets later homes reuse the code of the prelude that this one has compiled. Call it only if no tenant's script has
   * run here.
   */
  keepCompiled(): void {
    keepCompiled(this.isolate);
  }

  dispose(): void {
    if (!this.isolate.isDisposed) this.isolate.dispose();
  }

  /** Replaces the engine's error by {@link IsolateMemoryError} if the isolate ran out of memory. */
  private within<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (this.isDisposed) throw new IsolateMemoryError();
      throw error;
    }
  }

  private realm(): Realm {
    if (this.purpose.isolation !== 'compartment') return this.realms.make();
    this.frozen ??= this.realms.makeFrozen();
    return this.frozen;
  }

  private compile({ script, settings, source }: Guest, realm: Realm): Compiled {
    const compiled = {
      program: compile(this.isolate, realm, source!, settings.bindings),
      settings,
      realm: undefined,
      begin: undefined,
    };
    this.scripts.set(script, compiled);
    return compiled;
  }

  /** By how many bytes the isolate has grown since before its first script. */
  private grownBytes(): number {
    return this.measure() - this.newBytes!;
  }

  /** Measures {@link bytes}, and returns how many bytes are in use. */
  private measure(): number {
    const { used_heap_size, total_physical_size, externally_allocated_size, malloced_memory } =
      this.isolate.getHeapStatisticsSync();
    const unreported = UNREPORTED.bytes * Math.min(1, this.runs / UNREPORTED.runs);
    this.bytes = total_physical_size + externally_allocated_size + malloced_memory + unreported;
    return used_heap_size + externally_allocated_size;
  }
}

function leaveRealm(compiled: Compiled): void {
  compiled.begin?.release();
  compiled.begin = undefined;
  compiled.realm = undefined;
}

function release(compiled: Compiled): void {
  leaveRealm(compiled);
  compiled.program.release();
}

function preludeSettings({ bindings, reservedEventTypes, limits }: RunSettings): string {
  return JSON.stringify({ bindings, reservedEventTypes, ...limits } satisfies Record<
    keyof PreludeSettings,
    unknown
  >);
}

function isUntouched(realm: Realm, ranMs: number): boolean {
  try {
    return realm.isUntouched(ranMs);
  } catch {
    return false;
  }
}

/**
 * Compiles the source in our wrapper, so that an error has the author's line. Then checks it as a function body, so
 * that a source which closes the wrapper is refused.
 */
function compile(
  isolate: ivm.Isolate,
  realm: Realm,
  source: string,
  bindings: readonly string[],
): ivm.Script {
  try {
    const options = { filename: SCRIPT_FILE, lineOffset: -1 };
    const script = isolate.compileScriptSync(wrapSource(source, bindings), options);
    realm.check.applySync(undefined, [bodyOf(source)]);
    return script;
  } catch (error) {
    throw new SourceError(error);
  }
}

/** Checks that a source compiles, and keeps nothing. Throws {@link SourceError} and {@link IsolateMemoryError}. */
export function checkSource(source: string): void {
  const isolate = new ivm.Isolate({ memoryLimit: 64 });
  try {
    compile(isolate, new RealmMaker(isolate).make(), source, []);
  } catch (error) {
    throw isolate.isDisposed ? new IsolateMemoryError() : error;
  } finally {
    if (!isolate.isDisposed) isolate.dispose();
  }
}
