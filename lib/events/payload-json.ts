import { types } from 'node:util';
import { messageOf } from '../common/errors.js';
import { byteLength, toStorableJson } from '../common/json.js';
import { quoted } from '../common/printable.js';
import { EventRefusedError } from './events.errors.js';
import { isObject, quieted, readField } from './read-field.js';

/**
 * The payload of an event: the declared fields of `source`, or all its own enumerable ones if `fields` is null. Values
 * without a JSON form (functions, symbols) are left out.
 *
 * @throws EventRefusedError `unreadable` when a getter throws
 */
export function pickPayload(type: string, source: object, fields: readonly string[] | null): object {
  const payload = new Fields();
  for (const field of fields ?? namesOf(type, source)) {
    const value = readOrRefuse(type, source, field);
    if (value !== undefined && typeof value !== 'function' && typeof value !== 'symbol')
      payload[field] = value;
  }
  return payload;
}

/**
 * Inherits nothing, so that a field with the name of an inherited property is a field like any other. Made by a
 * constructor, because the engine reads and writes an object from `Object.create(null)` several times more slowly.
 */
class Fields {
  [name: string]: unknown;
}
Object.setPrototypeOf(Fields.prototype, null);
Reflect.deleteProperty(Fields.prototype, 'constructor');

function namesOf(type: string, source: object): string[] {
  try {
    return Object.keys(source);
  } catch (error) {
    throw new EventRefusedError(type, 'unreadable', "its fields can't be listed", undefined, error);
  }
}

function readOrRefuse(type: string, source: object, field: string): unknown {
  try {
    return readField(source, field);
  } catch (error) {
    throw new EventRefusedError(type, 'unreadable', `its getter ${quoted(field)} threw`, field, error);
  }
}

/**
 * A payload as JSON text that PostgreSQL can store. A payload that is too large is read only until that is certain.
 *
 * @throws EventRefusedError `promise`, `cyclic`, `bigint`, `unserializable`, `too-large`
 */
export function encodePayload(type: string, payload: object, maxBytes: number): string {
  const reading = new PayloadReading(type, maxBytes);
  const text = toStorableJson(stringify(type, payload, reading));
  // A UTF-16 unit takes at most three bytes, so most payloads needn't be measured.
  if (text.length * 3 <= maxBytes) return text;
  const bytes = byteLength(text);
  if (bytes <= maxBytes) return text;
  // A plain payload was not checked field by field.
  if (!reading.begun) read(type, payload, reading);
  throw reading.tooLarge(`${bytes} bytes as JSON, more than events.maxPayloadBytes = ${maxBytes}`);
}

/** Adds up the least size that a payload can have as JSON, member by member, while it is converted. */
class PayloadReading {
  private top: unknown;
  private spent = 0;
  private before = 0;
  private field = '';
  private largest = { field: '', size: -1 };

  constructor(
    private readonly type: string,
    private readonly maxBytes: number,
  ) {}

  get begun(): boolean {
    return this.top !== undefined;
  }

  /**
   * Counts the next member.
   *
   * @throws EventRefusedError if the payload can no longer fit
   */
  take(holder: unknown, name: string, value: unknown): void {
    if (this.top === undefined) this.top = value;
    else if (holder === this.top) this.begin(name);
    this.spent += leastBytes(value);
    if (this.spent > this.maxBytes)
      throw this.tooLarge(`more than events.maxPayloadBytes = ${this.maxBytes} bytes as JSON`);
  }

  tooLarge(size: string): EventRefusedError {
    this.begin('');
    const { field } = this.largest;
    return new EventRefusedError(
      this.type,
      'too-large',
      `its payload has ${size}; the largest field is ${quoted(field)}. Send an id instead of the content, or raise the option`,
      field,
    );
  }

  private begin(field: string): void {
    const size = this.spent - this.before;
    if (size > this.largest.size) this.largest = { field: this.field, size };
    this.before = this.spent;
    this.field = field;
  }
}

/** The fewest bytes that a value takes as JSON; 0 for a member that JSON leaves out. */
const leastBytes = (value: unknown): number => {
  if (typeof value === 'string') return value.length + 2;
  return value === undefined || typeof value === 'function' || typeof value === 'symbol' ? 0 : 1;
};

function read(type: string, payload: object, reading: PayloadReading): string {
  return JSON.stringify(payload, function (this: unknown, field, value: unknown) {
    reading.take(this, field, value);
    return noPromise(type, field, value);
  });
}

function stringify(type: string, payload: object, reading: PayloadReading): string {
  try {
    // A replacer makes this several times slower, so it is used only where there may be a promise.
    if (isPlain(payload, { objects: 0 })) return JSON.stringify(payload);
    return read(type, payload, reading);
  } catch (error) {
    throw error instanceof EventRefusedError ? error : explain(type, payload, error);
  }
}

/**
 * A value that is deeper or has more parts is read member by member, which also finds values that contain themselves.
 */
const [PLAIN_DEPTH, PLAIN_OBJECTS, PLAIN_MEMBERS] = [200, 10_000, 10_000];

/**
 * Whether nothing in a value has a `then` method, and nothing but a Date a `toJSON` method. Another `toJSON` may return
 * anything.
 */
function isPlain(value: object, seen: { objects: number }, depth = 0): boolean {
  if (depth > PLAIN_DEPTH || ++seen.objects > PLAIN_OBJECTS) return false;
  // A getter may return something else the next time.
  if (typeof Reflect.get(quieted(value), 'then') === 'function') return false;
  const toJson: unknown = Reflect.get(value, 'toJSON');
  if (typeof toJson === 'function') return toJson === Date.prototype.toJSON && types.isDate(value);
  if (Array.isArray(value))
    return (
      value.length <= PLAIN_MEMBERS &&
      value.every((member: unknown) => !isObject(member) || isPlain(member, seen, depth + 1))
    );
  for (const name of Object.keys(value)) {
    const member: unknown = Reflect.get(value, name);
    if (isObject(member) && !isPlain(member, seen, depth + 1)) return false;
  }
  return true;
}

/**
 * Refuses a promise, of which JSON would make `{}`. Refuses any other object with a `then` method too, without calling
 * it, because with some objects that sends a query.
 */
function noPromise(type: string, field: string, value: unknown): unknown {
  if (!isObject(value) || typeof Reflect.get(value, 'then') !== 'function') return value;
  quieted(value);
  const problem = `field ${quoted(field)} holds a promise; await it, and emit what it resolves to`;
  throw new EventRefusedError(type, 'promise', problem, field);
}

function explain(type: string, payload: object, error: unknown): EventRefusedError {
  const field = unserializableField(payload);
  const text = error instanceof TypeError ? messageOf(error) : '';
  // This is V8's message; a `toJSON` that throws the same message is refused too.
  if (/circular structure/.test(text)) {
    return new EventRefusedError(
      type,
      'cyclic',
      `field ${quoted(field)} contains a circular reference; emit plain data`,
      field,
      error,
    );
  }
  if (/serialize a BigInt/.test(text)) {
    const advice = 'JSON has no BigInt; emit it as a string';
    return new EventRefusedError(
      type,
      'bigint',
      `field ${quoted(field)} holds a BigInt; ${advice}`,
      field,
      error,
    );
  }
  const problem = `field ${quoted(field)} can't be converted to JSON: a toJSON threw, or it is nested too deeply`;
  return new EventRefusedError(type, 'unserializable', problem, field, error);
}

/** The first field that has no JSON form or can't be read; empty if it is the payload itself. */
function unserializableField(payload: object): string {
  try {
    return Object.keys(payload).find((name) => !isSerializable(payload, name)) ?? '';
  } catch {
    return '';
  }
}

function isSerializable(payload: object, name: string): boolean {
  try {
    JSON.stringify(Reflect.get(payload, name));
    return true;
  } catch {
    return false;
  }
}
