import ivm from 'isolated-vm';
import { Home } from './home.js';
import type { RunSettings } from '../protocol.js';
import type { Host } from './realm.js';

/** A script that uses most of what is in scope. */
const EXAMPLE = `sdk.log.info('a', { b: 1 });
events.publish('a.b', { c: 1 });
const late = a.b({ c: 1 });
return { d: 'e' };`;
/** Limits that are never reached. */
const LIMITS: RunSettings['limits'] = {
  timeoutMs: 10_000,
  memoryMb: 16,
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
const SETTINGS: RunSettings = {
  isolation: 'compartment',
  bindings: ['a.b'],
  reservedEventTypes: [],
  limits: LIMITS,
};

/**
 * Prepares a process to create homes fast, before it receives a tenant's script. The first home finds out how to freeze
 * a realm. The second one uses that and runs a script of ours, so that the prelude's functions that most runs need are
 * compiled once for all homes. Without this, an ordinary first run in a home takes a third longer.
 */
export function warmUp(): void {
  const found = new Home(SETTINGS);
  found.enter({ script: 0, settings: SETTINGS, source: '' });
  found.dispose();
  const home = new Home(SETTINGS);
  const { realm, begin } = home.enter({ script: 0, settings: SETTINGS, source: EXAMPLE });
  realm.connect(deafHost());
  begin.applySync(undefined, ['{}', '{"a":[{"b":1}]}'], { timeout: LIMITS.timeoutMs });
  home.leave(realm, 0);
  home.keepCompiled();
  home.dispose();
}

function deafHost(): Host {
  const nothing = new ivm.Callback(() => undefined);
  return {
    log: new ivm.Callback(() => true),
    dropped: nothing,
    call: nothing,
    completed: nothing,
    failed: nothing,
    rejected: nothing,
  };
}
