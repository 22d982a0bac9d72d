import ivm from 'isolated-vm';
import { FREEZE_REALM, PRELUDE } from './prelude/index.js';
import type { FrozenRealm } from './prelude/frozen-realm.js';
import type { Begin, Check, Entries, Prepare, PreludeHost, Settle } from './prelude/prelude.types.js';

/** A global environment in which scripts can be started. */
export interface Realm {
  readonly context: ivm.Context;
  /** To be called before the first run: what all runs in it call. */
  connect(host: Host): void;
  /** A compiled script, ready to run with its settings. */
  prepare(script: ivm.Script, settings: string): ivm.Reference<Begin>;
  /** Answers binding calls of the run that was started last. */
  readonly settle: ivm.Reference<Settle>;
  /** Throws for a source that is no function's body by itself. */
  readonly check: ivm.Reference<Check>;
  /** Whether the run that has just ended left nothing in it. */
  isUntouched(): boolean;
  release(): void;
}

/** {@link PreludeHost} from outside. */
export type Host = Record<keyof PreludeHost, ivm.Callback>;

const FILE = { filename: 'sandbox:prelude' };
/** Counting the globals takes microseconds; a script that made so many that it takes longer has touched the realm. */
const LOOK_MS = 50;

/** A program of ours that every isolate runs: the first ones compile it, the others take over what they made. */
class OwnProgram {
  private compiled: ivm.ExternalCopy<ArrayBuffer> | undefined;

  constructor(private readonly text: string) {}

  compileIn(isolate: ivm.Isolate): ivm.Script {
    const { compiled: cachedData } = this;
    return isolate.compileScriptSync(this.text, cachedData === undefined ? FILE : { ...FILE, cachedData });
  }

  /**
   * Keeps what an isolate has compiled of it, for others: also the functions in it that have run there, which the engine
   * compiles one by one when they are called first. It still has them, and finds them by the text.
   */
  keepFrom(isolate: ivm.Isolate): void {
    const script: ivm.Script & ivm.CachedDataResult = isolate.compileScriptSync(this.text, {
      ...FILE,
      produceCachedData: true,
    });
    this.compiled = script.cachedData;
  }
}

const prelude = new OwnProgram(PRELUDE);
const freeze = new OwnProgram(FREEZE_REALM);
/** How to freeze a realm, found in the first of this process, before any script ran. */
const plans = { freeze: '' };

/** Keeps what an isolate, in which no script of a tenant ever ran, has compiled of our programs. */
export function keepCompiled(isolate: ivm.Isolate): void {
  prelude.keepFrom(isolate);
  freeze.keepFrom(isolate);
}

/** Makes realms with the prelude in them. */
export class RealmMaker {
  private readonly prelude: ivm.Script;

  constructor(private readonly isolate: ivm.Isolate) {
    this.prelude = prelude.compileIn(isolate);
  }

  /** A realm for one run. */
  make(): Realm {
    const context = this.isolate.createContextSync();
    const entries = this.prelude.runSync(context, { reference: true }) as unknown as ivm.Reference<Entries>;
    const connect = entries.getSync('connect', { reference: true });
    const prepare: ivm.Reference<Prepare> = entries.getSync('prepare', { reference: true });
    const settle = entries.getSync('settle', { reference: true });
    const check = entries.getSync('check', { reference: true });
    entries.release();
    const release = (): void => {
      for (const held of [connect, prepare, settle, check, context]) held.release();
    };
    const prepareScript = (script: ivm.Script, settings: string): ivm.Reference<Begin> => {
      const made = script.runSync(context, { reference: true }) as unknown as ivm.Reference<object>;
      const args = [made.derefInto({ release: true }), settings];
      return prepare.applySync(undefined, args as never, { result: { reference: true } });
    };
    let isConnected = false;
    const connectOnce = (host: Host): void => {
      if (isConnected) return;
      connect.applySync(undefined, [host as never], { arguments: { copy: true } });
      isConnected = true;
    };
    return {
      context,
      connect: connectOnce,
      prepare: prepareScript,
      settle,
      check,
      isUntouched: () => false,
      release,
    };
  }

  /** A realm for many runs: every object in it is frozen, so that none can leave anything to the next. */
  makeFrozen(): Realm {
    const realm = this.make();
    const program = freeze.compileIn(this.isolate);
    const frozen = program.runSync(realm.context, {
      reference: true,
    }) as unknown as ivm.Reference<FrozenRealm>;
    const plan = frozen.getSync('freeze', { reference: true }).applySync(undefined, [plans.freeze]);
    if (plan !== '') plans.freeze = plan;
    const look = frozen.getSync('isUntouched', { reference: true });
    frozen.release();
    return {
      ...realm,
      isUntouched: () => look.applySync(undefined, [], { timeout: LOOK_MS }),
      release: () => {
        look.release();
        realm.release();
      },
    };
  }
}
