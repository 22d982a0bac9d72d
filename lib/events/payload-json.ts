import { types } from 'node:util';
import { messageOf } from '../common/errors.js';
import { byteLength, toStorableJson } from '../common/json.js';
import { quoted } from '../common/printable.js';
import { EventRefusedError } from './events.errors.js';
import { isObject, quieted, readField } from './read-field.js';

/**
 * The payload of an event: the declared fields of `source`, or all its own enumerable ones when `fields` is null.
 * What has no JSON form (functions, symbols) is left out.
 *
 * @throws EventRefusedError `unreadable` when a getter throws
 */
export function pickPayload(type: string, source: object, fields: readonly string[] | null): object {
  // Without a prototype, a field named like an inherited one is a field like any other.
  const payload: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const field of fields ?? Object.keys(source)) {
    const value = readOrRefuse(type, source, field);
    if (value !== undefined && typeof value !== 'function' && typeof value !== 'symbol')
      payload[field] = value;
  }
  return payload;
}

function readOrRefuse(type: string, source: object, field: string): unknown {
  try {
    return readField(source, field);
  } catch (error) {
    throw new EventRefusedError(type, 'unreadable', `its getter ${quoted(field)} threw`, field, error);
  }
}

/**
 * A payload as JSON text that PostgreSQL can store.
 *
 * @throws EventRefusedError `promise`, `cyclic`, `bigint`, `unserializable`, `too-large`
 */
export function encodePayload(type: string, payload: object, maxBytes: number): string {
  const text = toStorableJson(stringify(type, payload));
  // A UTF-16 unit is at most three bytes: most payloads need not be measured.
  if (text.length * 3 <= maxBytes) return text;
  const bytes = byteLength(text);
  if (bytes <= maxBytes) return text;
  const field = largestField(payload);
  throw new EventRefusedError(
    type,
    'too-large',
    `its payload takes ${bytes} bytes as JSON, more than events.maxPayloadBytes = ${maxBytes}; ` +
      `the largest field is "${field}". Send an id instead of the content, or raise the option`,
    field,
  );
}

function stringify(type: string, payload: object): string {
  try {
    // A replacer makes this several times as slow: it comes in only where a promise may be.
    if (isPlain(payload, { objects: 0 })) return JSON.stringify(payload);
    return JSON.stringify(payload, (field, value: unknown) => noPromise(type, field, value));
  } catch (error) {
    throw error instanceof EventRefusedError ? error : explain(type, payload, error);
  }
}

/** What is deeper or has more parts is read with more care; what contains itself is found by it. */
const [PLAIN_DEPTH, PLAIN_OBJECTS] = [200, 10_000];

/** Whether nothing in a value has a `then`, and nothing but a Date a `toJSON`: another one may give anything. */
function isPlain(value: object, seen: { objects: number }, depth = 0): boolean {
  if (depth > PLAIN_DEPTH || ++seen.objects > PLAIN_OBJECTS) return false;
  // What a getter gives here is not what it gives the next time.
  if (typeof Reflect.get(quieted(value), 'then') === 'function') return false;
  const toJson: unknown = Reflect.get(value, 'toJSON');
  if (typeof toJson === 'function') return toJson === Date.prototype.toJSON && types.isDate(value);
  if (Array.isArray(value))
    return value.every((member: unknown) => !isObject(member) || isPlain(member, seen, depth + 1));
  for (const name of Object.keys(value)) {
    const member: unknown = Reflect.get(value, name);
    if (isObject(member) && !isPlain(member, seen, depth + 1)) return false;
  }
  return true;
}

/** JSON makes `{}` of a promise. What only has a `then` is refused too, and not asked: for some it is a query. */
function noPromise(type: string, field: string, value: unknown): unknown {
  if (!isObject(value) || typeof Reflect.get(value, 'then') !== 'function') return value;
  quieted(value);
  const problem = `field ${quoted(field)} holds a promise; await it, and emit what it resolves to`;
  throw new EventRefusedError(type, 'promise', problem, field);
}

function explain(type: string, payload: object, error: unknown): EventRefusedError {
  const field = Object.keys(payload).find((name) => !isSerializable(Reflect.get(payload, name))) ?? '';
  const text = error instanceof TypeError ? messageOf(error) : '';
  // The engine's own words (V8); a toJSON that throws the same words is refused just as well.
  if (/circular structure/.test(text)) {
    return new EventRefusedError(
      type,
      'cyclic',
      `field ${quoted(field)} contains itself; emit plain data`,
      field,
      error,
    );
  }
  if (/serialize a BigInt/.test(text)) {
    const advice = 'JSON has no BigInt; emit it as text';
    return new EventRefusedError(
      type,
      'bigint',
      `field ${quoted(field)} holds a BigInt; ${advice}`,
      field,
      error,
    );
  }
  const problem = `field ${quoted(field)} cannot become JSON: a toJSON threw, or it is nested too deeply`;
  return new EventRefusedError(type, 'unserializable', problem, field, error);
}

function isSerializable(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}

function largestField(payload: object): string {
  const sizes = Object.entries(payload).map(([field, value]) => ({
    field,
    size: JSON.stringify(value)?.length ?? 0,
  }));
  return sizes.toSorted((a, b) => b.size - a.size)[0]?.field ?? '';
}
