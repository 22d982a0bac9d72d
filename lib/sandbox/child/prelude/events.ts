/* oxlint-disable unicorn/consistent-function-scoping -- the text of this function is compiled in the isolate: see index.ts */
import type { Captured } from './capture.js';
import type { Errors } from './errors.js';
import type { PreludeSettings } from './prelude.types.js';

/** `events` of a run. */
export type MakeEvents = ReturnType<typeof eventsMaker>;

export function eventsMaker(captured: Captured, errors: Errors) {
  'use strict';
  const { apply, charCodeAt, freeze, NativeRangeError, NativeTypeError, slice, startsWith, stringify } =
    captured;
  const { problem } = errors;
  /** All payloads of a run have as many bytes as this number of largest ones; `MOST_PAYLOADS` of the parent. */
  const SHARE = 4;

  /** Letters, digits, "_" and "-" in parts joined by single dots, beginning with a letter; at most 128 characters. */
  function isEventType(type: unknown): type is string {
    if (typeof type !== 'string' || type.length > 128) return false;
    let wordBefore = false;
    for (let index = 0; index < type.length; index++) {
      const code = apply(charCodeAt, type, [index]);
      const letter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
      const word = letter || (code >= 48 && code <= 57) || code === 95 || code === 45;
      if (index === 0 ? !letter : !word && !(code === 46 && wordBefore)) return false;
      wordBefore = word;
    }
    return wordBefore;
  }

  function isReserved(type: string, reserved: string[]): boolean {
    if (apply(startsWith, type, ['script.'])) return true;
    for (let index = 0; index < reserved.length; index++) {
      const name = reserved[index]!;
      const wild = name.length > 1 && name[name.length - 1] === '*' && name[name.length - 2] === '.';
      if (wild ? apply(startsWith, type, [apply(slice, name, [0, -1])]) : type === name) return true;
    }
    return false;
  }

  function makeEvents(settings: PreludeSettings) {
    let count = 0;
    let size = 0;
    let list = '';
    function publish(type: unknown, payload?: unknown): void {
      if (!isEventType(type)) {
        const hint =
          'is a name such as "order.checked", of at most 128 letters, digits, "_", "-" and single dots';
        throw problem(
          NativeTypeError,
          'EventTypeError',
          `events.publish(type, payload): type ${hint}`,
          'event-type',
          publish,
        );
      }
      if (isReserved(type, settings.reservedEventTypes)) {
        const message = `Event type "${type}" belongs to the host; scripts publish types of their own`;
        throw problem(NativeTypeError, 'EventTypeError', message, 'event-type-reserved', publish);
      }
      const json = payload === undefined ? '{}' : (stringify(payload) as string | undefined);
      if (json === undefined || json[0] !== '{') {
        const message = 'events.publish(type, payload): payload is an object';
        throw problem(NativeTypeError, 'EventPayloadError', message, 'event-payload', publish);
      }
      if (json.length > settings.publishBytes) {
        const message = `A payload has at most ${settings.publishBytes} bytes; this one has ${json.length}`;
        throw problem(NativeRangeError, 'LimitError', message, 'publishBytes', publish);
      }
      // Only now: making the text may have called the script's own code, which may have published.
      if (count >= settings.publishes) {
        const message = `A run publishes at most ${settings.publishes} events`;
        throw problem(NativeRangeError, 'LimitError', message, 'publishes', publish);
      }
      if (size + json.length > SHARE * settings.publishBytes) {
        const message = `The payloads of a run have at most ${SHARE * settings.publishBytes} bytes together`;
        throw problem(NativeRangeError, 'LimitError', message, 'publishBytes', publish);
      }
      size += json.length;
      list += (count++ === 0 ? '' : ',') + '{"type":' + stringify(type) + ',"payload":' + json + '}';
    }
    return { events: freeze({ publish }), published: () => '[' + list + ']' };
  }

  return makeEvents;
}
