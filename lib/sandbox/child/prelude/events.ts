/* oxlint-disable unicorn/consistent-function-scoping -- the text of this function is compiled in the isolate: see index.ts */
import type { eventTypeRules } from '../../../common/event-type-name.js';
import type { Captured } from './capture.js';
import type { ByteLimits } from './count-bytes.js';
import type { Errors } from './errors.js';
import type { PreludeSettings } from './prelude.types.js';

/** Creates `events` of a script. */
export type MakeEvents = ReturnType<typeof eventsMaker>;

export function eventsMaker(
  captured: Captured,
  errors: Errors,
  rules: ReturnType<typeof eventTypeRules>,
  limits: ByteLimits,
  mostPayloads: number,
) {
  'use strict';
  const { freeze, stringify } = captured;
  const { problem } = errors;
  const { isLargerThan, sizeInWords, makeBudget } = limits;
  const { isEventTypeName, isReservedEventType, isScriptEventType } = rules;

  function makeEvents(settings: PreludeSettings) {
    const mostBytes = mostPayloads * settings.publishBytes;
    let fits = makeBudget(mostBytes);
    let count = 0;
    let list = '';
    function reset(): void {
      if (list !== '') fits = makeBudget(mostBytes);
      count = 0;
      list = '';
    }

    // No plain function: it would have a prototype object, in which a run could leave something for later runs.
    const publish = (type: unknown, payload?: unknown): void => {
      if (!isEventTypeName(type)) {
        const hint =
          'must be a name such as "order.checked", of at most 128 letters, digits, "_", "-" and single dots';
        throw problem('EventTypeError', `events.publish(type, payload): type ${hint}`, 'event-type', publish);
      }
      if (isReservedEventType(type, settings.reservedEventTypes)) {
        const owner = isScriptEventType(type)
          ? 'is reserved for schedules and reports about scripts'
          : 'belongs to the host';
        const message = `Event type "${type}" ${owner}; publish another type`;
        throw problem('EventTypeError', message, 'event-type-reserved', publish);
      }
      const json = payload === undefined ? '{}' : (stringify(payload) as string | undefined);
      if (json === undefined || json[0] !== '{') {
        const message = 'events.publish(type, payload): payload must be an object';
        throw problem('EventPayloadError', message, 'event-payload', publish);
      }
      if (isLargerThan(json, settings.publishBytes)) {
        const size = sizeInWords(json, settings.publishBytes);
        const message = `The payload has ${size}; the limit is ${settings.publishBytes}`;
        throw problem('LimitError', message, 'publishBytes', publish);
      }
      // Checked after serialising, because that may run code of the script, which may publish.
      if (count >= settings.publishes) {
        const message = `A run can publish at most ${settings.publishes} events`;
        throw problem('LimitError', message, 'publishes', publish);
      }
      // Made before the payload is counted: if the stack is too short for it, the run has published nothing.
      const event = '{"type":' + stringify(type) + ',"payload":' + json + '}';
      if (!fits(json)) {
        const message = `The payloads of one run can have at most ${mostBytes} bytes in total`;
        throw problem('LimitError', message, 'publishBytes', publish);
      }
      list += (count++ === 0 ? '' : ',') + event;
    };
    return { events: freeze({ publish: freeze(publish) }), published: () => '[' + list + ']', reset };
  }

  return makeEvents;
}
