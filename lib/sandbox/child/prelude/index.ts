import { byteLimits } from '../../../common/byte-limits.js';
import { durationText } from '../../../common/duration-text.js';
import { eventTypeRules } from '../../../common/event-type-name.js';
import { MOST_PAYLOADS } from '../../protocol.js';
import { bindingsMaker } from './bindings.js';
import { capture } from './capture.js';
import { bytesCounter } from './count-bytes.js';
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
  const errors = (${makeErrors})(captured, (${durationText})(captured));
  (${fixBuffers})(captured, errors);
  const limits = (${byteLimits})((${bytesCounter})(captured));
  const makeSdk = (${logMaker})(captured, errors);
  const makeEvents = (${eventsMaker})(captured, errors, (${eventTypeRules})(captured), limits, ${MOST_PAYLOADS});
  const makeBindings = (${bindingsMaker})(captured, errors, limits);
  const makeValues = (${valuesMaker})(captured, errors);
  const entries = (${startMaker})(captured, errors, makeSdk, makeEvents, makeBindings, makeValues, limits);
  return { ...entries, freeze: ${freezeRealm} };
})()`;
