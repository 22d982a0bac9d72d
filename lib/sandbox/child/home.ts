import ivm from 'isolated-vm';
import { LRUCache } from 'lru-cache';
import type { RunSettings } from '../protocol.js';
import type { Begin, PreludeSettings } from './prelude/prelude.types.js';
import { keepCompiled, RealmMaker } from './realm.js';
import type { Realm } from './realm.js';
import { bodyOf, SCRIPT_FILE, wrapSource } from './source-wrapper.js';

/** A home is replaced after so many runs, which bounds garbage and fragmentation. */
const MAX_RUNS = { context: 500, isolate: 1, compartment: 5_000 };
/** Most compiled scripts in a home. */
const MAX_SCRIPTS = 64;
/**
 * An isolate whose memory has grown by more than this share, garbage included, is not used for another run. A script
 * has ways to leave something in it: a private field on an object that all runs share, a registered symbol. Only a
 * collection would tell what is garbage, and it costs as much as a new isolate. The share is above what the engine lets
 * pile up before it collects (some 11 MB), so the isolates of ordinary scripts stay.
 */
const MAX_GROWTH_SHARE = 1 / 5;

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
}

/** A compiled script, prepared for the realm in which it last ran. */
interface Compiled {
  readonly program: ivm.Script;
  readonly settings: RunSettings;
  realm: Realm | undefined;
  begin: ivm.Reference<Begin> | undefined;
}

/**
 * An isolate of one tenant, with the scripts of that tenant which were compiled in it. It is never used for another tenant.
 * In a `compartment` all of them run in one realm whose every object is frozen, one at a time and each as a function of its
 * own; they share nothing that one could change.
 */
export class Home {
  private readonly isolate: ivm.Isolate;
  private readonly realms: RealmMaker;
  private readonly scripts = new LRUCache<number, Compiled>({
    max: MAX_SCRIPTS,
    dispose: (compiled) => release(compiled),
  });
  private frozen: Realm | undefined;
  private runs = 0;
  private lastScript: number | undefined;
  private hasManyScripts = false;
  /** Bytes in use before the first script. */
  private newBytes: number | undefined;
  /** Bytes of its process's memory that it takes. */
  bytes = 0;

  /** Throws {@link IsolateMemoryError}. */
  constructor(private readonly purpose: Purpose) {
    this.isolate = new ivm.Isolate({ memoryLimit: purpose.limits.memoryMb });
    this.realms = this.within(() => new RealmMaker(this.isolate));
  }

  get isDisposed(): boolean {
    return this.isolate.isDisposed;
  }

  get isUsed(): boolean {
    return this.runs > 0;
  }

  /** Whether scripts other than the current one have run in it. */
  get isShared(): boolean {
    return this.hasManyScripts;
  }

  /** The settings of a script that it has compiled. */
  settingsOf(script: number): RunSettings | undefined {
    return this.scripts.peek(script)?.settings;
  }

  /** Returns the realm and the script for one run. */
  enter(guest: Guest): Entered {
    return this.within(() => {
      const realm = this.realm();
      this.newBytes ??= this.measure();
      const before = performance.now();
      const known = this.scripts.get(guest.script);
      const compiled = known ?? this.compile(guest, realm);
      const compileMs = known ? 0 : performance.now() - before;
      if (compiled.realm !== realm) {
        compiled.begin?.release();
        compiled.begin = realm.prepare(compiled.program, preludeSettings(compiled.settings));
        compiled.realm = realm;
      }
      this.hasManyScripts ||= this.lastScript !== undefined && this.lastScript !== guest.script;
      this.lastScript = guest.script;
      this.runs++;
      return { realm, begin: compiled.begin!, compileMs };
    });
  }

  /**
   * Ends a run. If the run left something in the realm, the realm is not used again.
   * @returns whether the run left nothing
   */
  leave(realm: Realm): boolean {
    if (this.isDisposed) return true;
    const isOwn = realm === this.frozen;
    if (isOwn && isUntouched(realm)) return true;
    this.frozen = undefined;
    realm.release();
    return !isOwn;
  }

  /** Whether it should serve another run; measures its memory. */
  mayServeAgain(): boolean {
    const { isolation, limits } = this.purpose;
    if (this.isDisposed || this.runs >= MAX_RUNS[isolation]) return false;
    return this.measure() - this.newBytes! < limits.memoryMb * 1024 * 1024 * MAX_GROWTH_SHARE;
  }

  /**
   * Lets later homes reuse what this one has compiled of our own programs. Call it only before a tenant's script ran.
   */
  keepCompiled(): void {
    keepCompiled(this.isolate);
  }

  dispose(): void {
    if (!this.isolate.isDisposed) this.isolate.dispose();
  }

  /** If the isolate ran out of memory, the engine's error is not the source's fault. */
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

  /** Bytes in use. */
  private measure(): number {
    const { used_heap_size, total_physical_size, externally_allocated_size, malloced_memory } =
      this.isolate.getHeapStatisticsSync();
    this.bytes = total_physical_size + externally_allocated_size + malloced_memory;
    return used_heap_size + externally_allocated_size;
  }
}

function release({ program, begin }: Compiled): void {
  begin?.release();
  program.release();
}

function preludeSettings({ bindings, reservedEventTypes, limits }: RunSettings): string {
  return JSON.stringify({ bindings, reservedEventTypes, ...limits } satisfies Record<
    keyof PreludeSettings,
    unknown
  >);
}

function isUntouched(realm: Realm): boolean {
  try {
    return realm.isUntouched();
  } catch {
    return false;
  }
}

/**
 * Compiles the source in our wrapper, so that an error has the author's line; then checks it as a function body, so
 * that it can't close the wrapper.
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
