/** What an event type may look like, in words for error messages. */
export const EVENT_TYPE_RULE =
  'a name such as order.shipped: letters, digits, "_" and "-" in parts joined by single dots, starting with a letter, at most 128 characters';

/** The built-in functions that the rules use. */
interface Language {
  apply: typeof Reflect.apply;
  charCodeAt: typeof String.prototype.charCodeAt;
  slice: typeof String.prototype.slice;
  startsWith: typeof String.prototype.startsWith;
}

/**
 * The rules for names of event types: the same for everyone who declares, emits, listens to or publishes them.
 *
 * The text of this function is also compiled in the isolates of scripts, next to hostile code. So it uses nothing but
 * its parameter, and no method of a prototype.
 */
export function eventTypeRules(language: Language) {
  'use strict';
  const { apply, charCodeAt, slice, startsWith } = language;
  /**
   * True for a valid name of an event type. Wildcards are not allowed, so that a type never matches others on an
   * emitter.
   */
  function isEventTypeName(value: unknown): value is string {
    if (typeof value !== 'string' || value.length > 128) return false;
    let wordBefore = false;
    for (let index = 0; index < value.length; index++) {
      const code = apply(charCodeAt, value, [index]);
      const letter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
      const word = letter || (code >= 48 && code <= 57) || code === 95 || code === 45;
      if (index === 0 ? !letter : !word && !(code === 46 && wordBefore)) return false;
      wordBefore = word;
    }
    return wordBefore;
  }

  /** True for the names of this package: `schedule`, `script`, and everything that begins with `script.`. */
  function isScriptEventType(type: string): boolean {
    return type === 'schedule' || type === 'script' || apply(startsWith, type, ['script.']);
  }

  /**
   * True for a type that scripts may not publish: those of this package, and those in `reserved`, where `name.*` is a
   * prefix.
   */
  function isReservedEventType(type: string, reserved: readonly string[]): boolean {
    if (isScriptEventType(type)) return true;
    for (let index = 0; index < reserved.length; index++) {
      const name = reserved[index]!;
      const wild = name.length > 1 && name[name.length - 1] === '*' && name[name.length - 2] === '.';
      if (wild ? apply(startsWith, type, [apply(slice, name, [0, -1])]) : type === name) return true;
    }
    return false;
  }

  return { isEventTypeName, isScriptEventType, isReservedEventType };
}

/** The type of the event that a schedule makes of each of its times. It goes to its own script and to no other. */
export const SCHEDULE_EVENT_TYPE = 'schedule';

const { charCodeAt, slice, startsWith } = String.prototype;

export const { isEventTypeName, isScriptEventType, isReservedEventType } = eventTypeRules({
  apply: Reflect.apply,
  charCodeAt,
  slice,
  startsWith,
});
