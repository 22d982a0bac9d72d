import ivm from 'isolated-vm';
import { PRELUDE } from './prelude/index.js';
import type { FreezeRealm, FrozenRealm } from './prelude/frozen-realm.js';
import type {
  Begin,
  Check,
  Entries,
  Prepare,
  PreludeHost,
  ReportDropped,
  Settle,
} from './prelude/prelude.types.js';
import { endingTogether, STEP_MS } from './time-limits.js';

/** A global environment in which scripts run. */
export interface Realm {
  readonly context: ivm.Context;
  /** Sets the functions that all runs of the realm call. Call it before the first run. */
  connect(host: Host): void;
  /** Gives a compiled script its settings, and returns the function that begins a run of it. */
  prepare(script: ivm.Script, settings: string): ivm.Reference<Begin>;
  /** Answers binding calls of the run that was started last. */
  readonly settle: ivm.Reference<Settle>;
  /**
   * Lets the run that was started last report how many log lines it has dropped, if the isolate has memory for that.
   * Call it only if no code of the run is left to run.
   */
  reportDropped(): void;
  /** Throws if the source is not a function body by itself. */
  readonly check: ivm.Reference<Check>;
  /**
   * Whether the runs so far have left nothing in the realm. Always false for a realm that serves one run.
   *
   * @param ranMs how long the last run took
   */
  isUntouched(ranMs: number): boolean;
  release(): void;
}

/** {@link PreludeHost} as callbacks for the isolate. */
export type Host = Record<keyof PreludeHost, ivm.Callback>;

const FILE = { filename: 'sandbox:prelude' };
/**
 * How many milliseconds counting the globals may take. It takes microseconds, unless a script has created very many; a
 * realm in which counting takes too long is not used again.
 */
const LOOK_MS = 50;
/**
 * A run that took less than this many milliseconds can't have created more than some ten thousand globals, which takes
 * about as long as counting them. They are counted without a limit in time, because setting one takes as long as
 * counting those of a run that has created none.
 */
const BRIEF_MS = 1;
/** Options for a call of a function of ours. */
const briefly = (): { timeout: number } => ({ timeout: endingTogether(LOOK_MS, STEP_MS) });

/** Compiled code of the prelude. The first isolates of a process compile it; later ones reuse their compiled code. */
let compiled: ivm.ExternalCopy<ArrayBuffer> | undefined;
/**
 * How to freeze a realm. Found in the first realm of this process, before any script ran; found again if a realm
 * doesn't fit.
 */
let plan: ivm.ExternalCopy<ArrayBuffer> | undefined;

/**
 * Keeps the compiled code of the prelude for later isolates. The engine compiles a function when it is first called, so
 * the code includes the functions that have run in `isolate`. No tenant's script may ever have run there.
 */
export function keepCompiled(isolate: ivm.Isolate): void {
  const script: ivm.Script & ivm.CachedDataResult = isolate.compileScriptSync(PRELUDE, {
    ...FILE,
    produceCachedData: true,
  });
  compiled = script.cachedData;
}

/** Creates realms with the prelude. */
export class RealmMaker {
  private readonly prelude: ivm.Script;

  constructor(private readonly isolate: ivm.Isolate) {
    const options = compiled === undefined ? FILE : { ...FILE, cachedData: compiled };
    this.prelude = isolate.compileScriptSync(PRELUDE, options);
  }

  /** Creates a realm for one run. */
  make(): Realm {
    const { realm, freeze } = this.open();
    freeze.release();
    return realm;
  }

  /** Creates a realm for many runs. It is frozen but for new globals, which `isUntouched` notices. */
  makeFrozen(): Realm {
    const { realm, freeze } = this.open();
    const given = plan === undefined ? [] : [plan.copyInto({ release: false })];
    const frozen: ivm.Reference<FrozenRealm> = freeze.applySync(undefined, given as never, {
      result: { reference: true },
    });
    const found = frozen.getSync('plan', { copy: true });
    if (found !== undefined) plan = new ivm.ExternalCopy(Int32Array.from(found).buffer);
    const look = frozen.getSync('isUntouched', { reference: true });
    for (const held of [freeze, frozen]) held.release();
    return {
      ...realm,
      isUntouched: (ranMs) => look.applySync(undefined, [], ranMs < BRIEF_MS ? {} : briefly()),
      release: () => {
        look.release();
        realm.release();
      },
    };
  }

  private open(): { realm: Realm; freeze: ivm.Reference<FreezeRealm> } {
    const context = this.isolate.createContextSync();
    const entries = this.prelude.runSync(context, { reference: true }) as unknown as ivm.Reference<Entries>;
    const connect = entries.getSync('connect', { reference: true });
    const prepare: ivm.Reference<Prepare> = entries.getSync('prepare', { reference: true });
    const settle = entries.getSync('settle', { reference: true });
    const report: ivm.Reference<ReportDropped> = entries.getSync('reportDropped', { reference: true });
    const check = entries.getSync('check', { reference: true });
    const freeze: ivm.Reference<FreezeRealm> = entries.getSync('freeze', { reference: true });
    entries.release();
    const release = (): void => {
      for (const held of [connect, prepare, settle, report, check, context]) held.release();
    };
    const prepareScript = (script: ivm.Script, settings: string): ivm.Reference<Begin> => {
      const made = script.runSync(context, { reference: true }) as unknown as ivm.Reference<object>;
      const args = [made.derefInto({ release: true }), settings];
      return prepare.applySync(undefined, args as never, { result: { reference: true } });
    };
    const reportDropped = (): void => {
      try {
        report.applySync(undefined, [], briefly());
      } catch {
        // The isolate is out of memory. What was reported last is little too low.
      }
    };
    let isConnected = false;
    const connectOnce = (host: Host): void => {
      if (isConnected) return;
      connect.applySync(undefined, [host as never], { arguments: { copy: true } });
      isConnected = true;
    };
    const realm = {
      context,
      connect: connectOnce,
      prepare: prepareScript,
      settle,
      reportDropped,
      check,
      isUntouched: () => false,
      release,
    };
    return { realm, freeze };
  }
}
