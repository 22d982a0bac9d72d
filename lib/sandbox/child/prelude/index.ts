import { bindingsMaker } from './bindings.js';
import { capture } from './capture.js';
import { makeErrors } from './errors.js';
import { eventsMaker } from './events.js';
import { logMaker } from './log.js';
import { startMaker } from './start.js';

/* The functions of this folder never run in the child: their text is compiled inside the isolate, so each uses nothing
 * but its parameters. They run beside hostile code: after a script has started they use only what was captured before,
 * and no prototype's method, iterator, setter, `toJSON` or inherited property descriptor. */

/** What the prelude calls in the child. Copies of text only. */
export interface PreludeHost {
  log(level: string, message: string, data: string | undefined): void;
  drop(): void;
  call(id: number, name: string, args: string): void;
  /** The first call ends the run. */
  completed(result: string, published: string): void;
  failed(error: string): void;
  rejected(message: string): void;
}

export interface PreludeSettings {
  bindings: string[];
  reservedEventTypes: string[];
  resultBytes: number;
  logLines: number;
  logBytes: number;
  messageBytes: number;
  stackBytes: number;
  publishes: number;
  publishBytes: number;
  bindingCalls: number;
  bindingBytes: number;
}

/** Delivers the answer of a binding call. */
export type Settle = (call: number, ok: boolean, text: string) => void;
/** Begins a run; the script itself starts in a microtask, so that no frame of ours is below its own. */
export type Start = (
  script: (...scope: unknown[]) => () => Promise<unknown>,
  host: PreludeHost,
  ctx: string,
  input: string,
  settings: string,
) => Settle;

/** The program that prepares a realm nobody has touched yet; its value is a {@link Start}. */
export const PRELUDE = `(() => {
  'use strict';
  const captured = (${capture})();
  const errors = (${makeErrors})(captured);
  const makeSdk = (${logMaker})(captured, errors);
  const makeEvents = (${eventsMaker})(captured, errors);
  const makeBindings = (${bindingsMaker})(captured, errors);
  return (${startMaker})(captured, errors, makeSdk, makeEvents, makeBindings);
})()`;
