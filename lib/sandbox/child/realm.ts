import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ivm from 'isolated-vm';
import { PRELUDE } from './prelude/index.js';
import type { Start } from './prelude/prelude.types.js';

/** A global environment in which one script can be started. */
export interface Realm {
  start: ivm.Reference<Start>;
  script: ivm.Reference<object>;
  release(): void;
}

const PRELUDE_FILE = { filename: 'sandbox:prelude' };

/** A new context with the prelude and the script in it. */
export class RealmMaker {
  private readonly prelude: ivm.Script;

  constructor(
    private readonly isolate: ivm.Isolate,
    private readonly script: ivm.Script,
  ) {
    this.prelude = isolate.compileScriptSync(PRELUDE, PRELUDE_FILE);
  }

  make(): Realm {
    return this.furnish(this.isolate.createContextSync());
  }

  /**
   * A realm that serves many runs: every object a script can reach is frozen, the global object included, so nothing
   * can be left in it. `ses` knows which objects those are and keeps assignments such as `error.name = 'x'` working.
   */
  makeFrozen(): Realm {
    const context = this.isolate.createContextSync();
    context.evalSync(sesSource(), { filename: 'sandbox:ses' });
    context.evalSync(LOCKDOWN, PRELUDE_FILE);
    const realm = this.furnish(context);
    context.evalSync(FREEZE, PRELUDE_FILE);
    return realm;
  }

  private furnish(context: ivm.Context): Realm {
    const start = this.prelude.runSync(context, { reference: true }) as unknown as ivm.Reference<Start>;
    const script = this.script.runSync(context, { reference: true }) as unknown as ivm.Reference<object>;
    const release = (): void => {
      start.release();
      script.release();
      context.release();
    };
    return { start, script, release };
  }
}

let ses: string | undefined;
const sesSource = (): string =>
  (ses ??= readFileSync(join(dirname(require.resolve('ses')), 'ses.umd.min.js'), 'utf8'));

/**
 * Time, chance and locales are what authors expect; nothing in an isolate is worth hiding from them. The two settings of
 * stacks are state of V8's own error class, which `ses` hides behind accessors: closed for good, and stacks stay V8's.
 */
const LOCKDOWN = `(() => {
  'use strict';
  const V8Error = Error;
  lockdown({
    errorTaming: 'unsafe', errorTrapping: 'none', unhandledRejectionTrapping: 'none', stackFiltering: 'verbose',
    consoleTaming: 'unsafe', reporting: 'none', dateTaming: 'unsafe', mathTaming: 'unsafe', localeTaming: 'unsafe',
    evalTaming: 'unsafe-eval', overrideTaming: 'severe', domainTaming: 'unsafe',
  });
  Object.defineProperty(V8Error, 'prepareStackTrace', { value: undefined, writable: false, configurable: false });
  Object.defineProperty(V8Error, 'stackTraceLimit', { value: 10, writable: false, configurable: false });
})();`;

/** What runs after the prelude has captured what it needs. Finalizers would run code of one run in a later one. */
const FREEZE = `(() => {
  'use strict';
  const { harden } = globalThis;
  for (const name of ['lockdown', 'repairIntrinsics', 'hardenIntrinsics', 'harden', 'Compartment', 'ModuleSource', 'assert',
    'FinalizationRegistry', 'WeakRef', 'console']) delete globalThis[name];
  harden(globalThis);
})();`;
