import { eventTypeRules } from '../../../common/event-type-name.js';
import { bindingsMaker } from './bindings.js';
import { capture } from './capture.js';
import { makeErrors } from './errors.js';
import { eventsMaker } from './events.js';
import { fixBuffers } from './fixed-buffers.js';
import { freezeRealm } from './frozen-realm.js';
import { logMaker } from './log.js';
import { startMaker } from './start.js';
import { valuesMaker } from './values.js';

/* The child never calls the functions of this folder: their text is compiled inside the isolate, so each uses nothing
 * but its parameters and built-ins. They run beside hostile code: after a script has started, they use only what was
 * captured before, and no method of a prototype, iterator, setter, `toJSON` or inherited property descriptor. */

/** The program that prepares a new realm. Its value is {@link Entries}. */
export const PRELUDE = `(() => {
  'use strict';
  const captured = (${capture})();
  const errors = (${makeErrors})(captured);
  (${fixBuffers})(captured, errors);
  const makeSdk = (${logMaker})(captured, errors);
  const makeEvents = (${eventsMaker})(captured, errors, (${eventTypeRules})(captured));
  const makeBindings = (${bindingsMaker})(captured, errors);
  const makeValues = (${valuesMaker})(captured, errors);
  const entries = (${startMaker})(captured, errors, makeSdk, makeEvents, makeBindings, makeValues);
  return { ...entries, freeze: ${freezeRealm} };
})()`;
