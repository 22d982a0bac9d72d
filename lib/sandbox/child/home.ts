import ivm from 'isolated-vm';
import { LRUCache } from 'lru-cache';
import type { RunSettings } from '../protocol.js';
import type { Begin, PreludeSettings } from './prelude/prelude.types.js';
import { keepCompiled, RealmMaker } from './realm.js';
import type { Realm } from './realm.js';
import { bodyOf, SCRIPT_FILE, wrapSource } from './source-wrapper.js';

/** Runs after which a home is replaced: bounds what garbage and fragmentation can pile up. */
const MAX_RUNS = { context: 500, isolate: 1, compartment: 5_000 };
/** Compiled scripts that a home keeps. */
const MAX_SCRIPTS = 64;
/**
 * Share of its memory by which an isolate may have grown since it was new, garbage included, to be kept for another run. A
 * script has ways to leave something in it: a private field on an object that all runs share, a registered symbol. Whether
 * it is garbage only a collection would tell, which costs as much as a new isolate. Above what the engine lets pile up before
 * it collects (some 11 MB), so that the isolates of ordinary scripts stay.
 */
const MAX_GROWTH_SHARE = 1 / 5;

/** A source that does not compile. */
export class SourceError extends Error {
  constructor(readonly thrown: unknown) {
    super('the source does not compile');
  }
}

/** An isolate whose memory did not hold what has to be in it before a script can start. */
export class IsolateMemoryError extends Error {
  constructor() {
    super('the isolate has too little memory for the source');
  }
}

/** What a home has to be made for. */
type Purpose = Pick<RunSettings, 'isolation'> & { limits: { memoryMb: number } };

/** A script to run; its source only when the home has not compiled it. */
export interface Guest {
  script: number;
  settings: RunSettings;
  source: string | undefined;
}

/** What a run has in a home. */
export interface Entered {
  realm: Realm;
  begin: ivm.Reference<Begin>;
  /** Milliseconds that compiling the source took: of the run it was compiled for. */
  compileMs: number;
}

/** A compiled script, and what begins it in the realm it ran in last. */
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
  /** Bytes in use before its first script. */
  private newBytes: number | undefined;
  /** Bytes it takes of its process. */
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

  /** Whether scripts other than the one that entered last have run in it. */
  get isShared(): boolean {
    return this.hasManyScripts;
  }

  /** What a script that it has compiled runs with. */
  settingsOf(script: number): RunSettings | undefined {
    return this.scripts.peek(script)?.settings;
  }

  /** The realm and the script for one run. Throws {@link SourceError} and {@link IsolateMemoryError}. */
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
   * To be called when a run is over. A realm in which it left something is not used again.
   *
   * @returns whether it left nothing
   */
  leave(realm: Realm): boolean {
    if (this.isDisposed) return true;
    const isOwn = realm === this.frozen;
    if (isOwn && isUntouched(realm)) return true;
    this.frozen = undefined;
    realm.release();
    return !isOwn;
  }

  /** Whether it should serve another run. Measures it. */
  mayServeAgain(): boolean {
    const { isolation, limits } = this.purpose;
    if (this.isDisposed || this.runs >= MAX_RUNS[isolation]) return false;
    return this.measure() - this.newBytes! < limits.memoryMb * 1024 * 1024 * MAX_GROWTH_SHARE;
  }

  /** Lets homes that are made later take over what this one has compiled of our own programs. Only before a tenant's script ran. */
  keepCompiled(): void {
    keepCompiled(this.isolate);
  }

  dispose(): void {
    if (!this.isolate.isDisposed) this.isolate.dispose();
  }

  /** The engine's error is no fault of a source when the isolate ran out of memory. */
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

/** By itself first with our wrapper, for an error with the author's line; then as a body, so that it cannot leave the wrapper. */
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

/** Compiles a source and throws it away. Throws {@link SourceError} and {@link IsolateMemoryError}. */
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
