import ivm from 'isolated-vm';
import { FREEZE_REALM, PRELUDE } from './prelude/index.js';
import type { Entries, Settle, Start } from './prelude/prelude.types.js';

/** A global environment in which one script can be started. */
export interface Realm {
  start: ivm.Reference<Start>;
  /** Answers binding calls of the run that was started last. */
  settle: ivm.Reference<Settle>;
  script: ivm.Reference<object>;
  /** Whether the run that has just ended left nothing in it. */
  isUntouched(): boolean;
  release(): void;
}

const PRELUDE_FILE = { filename: 'sandbox:prelude' };
/** Counting the globals takes microseconds; a script that made so many that it takes longer has touched the realm. */
const LOOK_MS = 50;

/** Makes realms with the prelude and one script in them. */
export class RealmMaker {
  private readonly prelude: ivm.Script;

  constructor(
    private readonly isolate: ivm.Isolate,
    private readonly script: ivm.Script,
  ) {
    this.prelude = isolate.compileScriptSync(PRELUDE, PRELUDE_FILE);
  }

  /** A realm for one run. */
  make(): Realm {
    return this.furnish(this.isolate.createContextSync());
  }

  /** A realm for many runs: every object in it is frozen, so that none can leave anything to the next. */
  makeFrozen(): Realm {
    const context = this.isolate.createContextSync();
    const realm = this.furnish(context);
    const look = context.evalSync(FREEZE_REALM, { ...PRELUDE_FILE, reference: true }) as ivm.Reference<
      () => boolean
    >;
    return {
      ...realm,
      isUntouched: () => look.applySync(undefined, [], { timeout: LOOK_MS }),
      release: () => {
        look.release();
        realm.release();
      },
    };
  }

  private furnish(context: ivm.Context): Realm {
    const entries = this.prelude.runSync(context, { reference: true }) as unknown as ivm.Reference<Entries>;
    const start = entries.getSync('start', { reference: true });
    const settle = entries.getSync('settle', { reference: true });
    entries.release();
    const script = this.script.runSync(context, { reference: true }) as unknown as ivm.Reference<object>;
    const release = (): void => {
      start.release();
      settle.release();
      script.release();
      context.release();
    };
    return { start, settle, script, isUntouched: () => false, release };
  }
}
