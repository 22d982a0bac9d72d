import ivm from 'isolated-vm';
import { Home } from './home.js';
import type { PreludeSettings } from './prelude/prelude.types.js';
import type { Host } from './realm.js';

/** Uses most of what a script finds in scope. */
const EXAMPLE = `sdk.log.info('a', { b: 1 });
events.publish('a.b', { c: 1 });
const late = a.b({ c: 1 });
return { d: 'e' };`;
const BINDINGS = ['a.b'];
/** Enough of everything. */
const SETTINGS: PreludeSettings = {
  bindings: BINDINGS,
  reservedEventTypes: [],
  resultBytes: 1_024,
  logLines: 10,
  logBytes: 1_024,
  messageBytes: 1_024,
  stackBytes: 1_024,
  publishes: 10,
  publishBytes: 1_024,
  bindingCalls: 10,
  bindingBytes: 1_024,
  depth: 10,
};
/** More than it ever takes. */
const PATIENT_MS = 10_000;

/**
 * Makes a process fit to make homes fast, before any tenant's script is there. The first home finds how to freeze a realm;
 * the second follows that and runs a script of ours, so that the functions of the prelude which most runs need are compiled
 * once for all homes. Without it, an ordinary first run in a home takes a third longer.
 */
export function warmUp(): void {
  const found = emptyHome();
  found.enter({ script: 0, bindings: [], source: '' });
  found.dispose();
  const home = emptyHome();
  const { realm, script } = home.enter({ script: 0, bindings: BINDINGS, source: EXAMPLE });
  realm.connect(deafHost());
  const args = [script.derefInto(), '{}', '{"a":[{"b":1}]}', JSON.stringify(SETTINGS)];
  realm.start.applySync(undefined, args as never, { timeout: PATIENT_MS });
  home.leave(realm);
  home.keepCompiled();
  home.dispose();
}

const emptyHome = (): Home => new Home({ isolation: 'compartment', limits: { memoryMb: 16 } });

function deafHost(): Host {
  const nothing = new ivm.Callback(() => undefined);
  return {
    log: nothing,
    drop: nothing,
    call: nothing,
    completed: nothing,
    failed: nothing,
    rejected: nothing,
  };
}
