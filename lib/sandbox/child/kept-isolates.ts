import ivm from 'isolated-vm';
import { LRUCache } from 'lru-cache';
import type { RunMessage } from '../protocol.js';
import { RealmMaker } from './realm.js';
import type { Realm } from './realm.js';
import { bodyOf, SCRIPT_FILE, wrapSource } from './source-wrapper.js';

/** Runs after which a kept isolate is replaced: bounds what garbage and fragmentation can pile up. */
const MAX_RUNS = { context: 500, isolate: 1, compartment: 5_000 };
/**
 * Share of its memory by which an isolate may have grown since it was new, garbage included, to be kept for another run. A
 * script has ways to leave something in it: a private field on an object that all runs share, a registered symbol. Whether
 * it is garbage only a collection would tell, which costs as much as a new isolate. Above what the engine lets pile up before
 * it collects (some 11 MB), so that the isolates of ordinary scripts stay.
 */
const MAX_GROWTH_SHARE = 1 / 5;

/** Fails for a source that is a body only together with our wrapper, such as `return 1; }; }); (function () {`. */
const BODY_CHECK = '(function (body) { new (async function () {}).constructor(body); })';

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

/** What an isolate has to be made for. */
type Purpose = Pick<RunMessage, 'bindings' | 'isolation'> & { limits: { memoryMb: number } };

/** An isolate with one compiled script. */
export class KeptIsolate {
  private readonly isolate: ivm.Isolate;
  private readonly realms: RealmMaker;
  private frozen: Realm | undefined;
  private compileMs = 0;
  private runs = 0;
  /** Bytes in use before its first run. */
  private newBytes: number | undefined;

  /** Throws {@link SourceError} and {@link IsolateMemoryError}. */
  constructor(
    readonly source: string,
    private readonly run: Purpose,
  ) {
    this.isolate = new ivm.Isolate({ memoryLimit: run.limits.memoryMb });
    try {
      const before = performance.now();
      const script = compile(this.isolate, source, run.bindings);
      this.compileMs = performance.now() - before;
      this.realms = new RealmMaker(this.isolate, script);
    } catch (error) {
      // The compiler's error is no fault of the source when it ran out of memory.
      if (this.isDisposed) throw new IsolateMemoryError();
      this.dispose();
      throw error;
    }
  }

  /** Milliseconds that compiling the source took, for the first who asks: the run it was compiled for. */
  takeCompileMs(): number {
    const spent = this.compileMs;
    this.compileMs = 0;
    return spent;
  }

  get isDisposed(): boolean {
    return this.isolate.isDisposed;
  }

  /** The realm for one run. */
  enter(): Realm {
    const realm = this.realm();
    this.newBytes ??= this.usedBytes();
    return realm;
  }

  /** To be called when the run is over. */
  leave(realm: Realm): void {
    if (this.isDisposed || (realm === this.frozen && isUntouched(realm))) return;
    this.frozen = undefined;
    realm.release();
  }

  /** Counts a run; false when the isolate should not serve another one. */
  mayServeAgain(): boolean {
    this.runs++;
    if (this.isDisposed || this.runs >= MAX_RUNS[this.run.isolation]) return false;
    return this.usedBytes() - this.newBytes! < this.run.limits.memoryMb * 1024 * 1024 * MAX_GROWTH_SHARE;
  }

  private realm(): Realm {
    if (this.run.isolation !== 'compartment') return this.realms.make();
    this.frozen ??= this.realms.makeFrozen();
    return this.frozen;
  }

  private usedBytes(): number {
    const { used_heap_size: heap, externally_allocated_size: outside } = this.isolate.getHeapStatisticsSync();
    return heap + outside;
  }

  dispose(): void {
    if (!this.isolate.isDisposed) this.isolate.dispose();
  }
}

function isUntouched(realm: Realm): boolean {
  try {
    return realm.isUntouched();
  } catch {
    return false;
  }
}

/** The isolates of one process, least recently used first to go. */
export class KeptIsolates {
  private readonly byKey: LRUCache<string, KeptIsolate>;

  constructor(max: number) {
    this.byKey = new LRUCache({ max, dispose: (isolate) => isolate.dispose() });
  }

  /** The isolate of a run, made when there is none or its source is another. Throws as its constructor. */
  take(run: RunMessage, source: string): KeptIsolate {
    const kept = this.byKey.get(run.key);
    if (kept && !kept.isDisposed && kept.source === source) return kept;
    this.byKey.delete(run.key);
    return new KeptIsolate(source, run);
  }

  /** Keeps an isolate after a clean end, or disposes it. */
  giveBack(run: RunMessage, isolate: KeptIsolate, clean: boolean): void {
    if (clean && run.isolation !== 'isolate' && isolate.mayServeAgain()) {
      if (this.byKey.peek(run.key) !== isolate) this.byKey.set(run.key, isolate);
      return;
    }
    if (!this.byKey.delete(run.key)) isolate.dispose();
  }
}

function compile(isolate: ivm.Isolate, source: string, bindings: readonly string[]): ivm.Script {
  try {
    const options = { filename: SCRIPT_FILE, lineOffset: -1 };
    const script = isolate.compileScriptSync(wrapSource(source, bindings), options);
    checkBody(isolate, bodyOf(source));
    return script;
  } catch (error) {
    throw new SourceError(error);
  }
}

function checkBody(isolate: ivm.Isolate, body: string): void {
  const context = isolate.createContextSync();
  try {
    const check = context.evalSync(BODY_CHECK, { reference: true }) as ivm.Reference<(body: string) => void>;
    check.applySync(undefined, [body]);
  } finally {
    context.release();
  }
}

/** Makes an isolate and throws it away, so that the first run of a process does not pay for what is done but once. */
export function warmUp(): void {
  const isolate = new KeptIsolate('', { bindings: [], isolation: 'compartment', limits: { memoryMb: 16 } });
  isolate.enter();
  isolate.dispose();
}

/** Compiles a source and throws it away. Throws {@link SourceError}. */
export function checkSource(source: string): void {
  const isolate = new ivm.Isolate({ memoryLimit: 64 });
  try {
    compile(isolate, source, []);
  } finally {
    isolate.dispose();
  }
}
