import { BindingCallError } from '../common/binding-call.error.js';
import { type StoreCall, storeCallOf, type StoreOperation } from '../common/built-in-calls.js';
import { byteLength, isRecord, JsonText, type JsonValue } from '../common/json.js';
import { valueInWords } from '../common/printable.js';
import type { StoreCallLabel } from '../metrics/metrics.recorder.js';
import { decimalSum } from './decimal-sum.js';
import type { StoreReader } from './store.reader.js';
import {
  compareKeys,
  entryBytes,
  fieldOf,
  notANumber,
  type Read,
  readAmount,
  readKey,
  readLimit,
  readTtl,
  readValueText,
} from './store.rules.js';
import {
  ABSENT,
  type SeenRange,
  SHARED_SCOPE,
  type StoreChanges,
  type StoredValue,
  type StoreScope,
  type StoreWrite,
  type TouchedKey,
} from './store.types.js';

/** Bytes that one run may write. */
const MOST_RUN_BYTES = 1024 * 1024;
/** The most bytes of values in one page, so that the answer to a call stays small enough. */
const PAGE_BYTES = 128 * 1024;
const FIELDS: Record<StoreOperation, readonly string[]> = {
  get: ['key'],
  set: ['key', 'value', 'options'],
  delete: ['key'],
  increment: ['key', 'by', 'options'],
  list: ['prefix', 'options'],
};

/** The run that uses the store, and callbacks. */
export interface RunStoreOwner {
  readonly tenantId: string;
  readonly scriptId: string;
  /** Called once if the store can't be read. The run must end then. */
  readonly onAway?: (() => void) | undefined;
  /** Called when a call has ended. */
  readonly onCall?: ((operation: StoreOperation, result: StoreCallLabel) => void) | undefined;
}

/** The label under which a failed call is counted, by the code of its error. */
const FAILED: Readonly<Record<string, StoreCallLabel>> = {
  'invalid-input': 'invalid',
  'not-a-number': 'not_a_number',
  'too-large': 'too_large',
};

/** The scope and the key as one text. Neither can contain a line break. */
const idOf = (scope: StoreScope, key: string): string => `${scope}\n${key}`;

/**
 * The store as one run sees it: each key has the value that the run first read, or the value that the run wrote last.
 * Nothing is stored before the run completes; {@link changes} then returns what to store.
 */
export class RunStore {
  private readonly reads = new Map<string, Promise<StoredValue | null>>();
  private readonly seen = new Map<string, string>();
  private readonly writes = new Map<string, { scope: StoreScope; key: string; write: StoreWrite }>();
  private readonly ranges: SeenRange[] = [];
  private bytes = 0;
  /** Why the store could not be read. If this is set, ignore the outcome of the run. */
  failure: { readonly cause: unknown } | undefined;

  constructor(
    private readonly reader: StoreReader,
    private readonly owner: RunStoreOwner,
  ) {}

  /**
   * Carries out a call of the script.
   *
   * @throws BindingCallError `invalid-input`, `not-a-number`, `too-large`, `unavailable`
   */
  async call(name: string, given: JsonValue): Promise<JsonValue | JsonText> {
    const called = storeCallOf(name);
    if (!called) throw new BindingCallError('unknown', `Unknown call ${name}`);
    const { operation } = called;
    try {
      const answer = await this.carryOut(name, called, given);
      this.owner.onCall?.(operation, 'ok');
      return answer;
    } catch (error) {
      const code = error instanceof BindingCallError ? error.code : '';
      this.owner.onCall?.(operation, FAILED[code] ?? 'unavailable');
      throw error;
    }
  }

  /** What the run has read and written. Undefined if it has written nothing. */
  changes(): StoreChanges | undefined {
    if (this.writes.size === 0) return undefined;
    const keys: TouchedKey[] = [...this.writes].map(([id, { scope, key, write }]) => ({
      scope,
      key,
      seen: this.seen.get(id),
      write,
    }));
    for (const [id, seen] of this.seen) {
      if (this.writes.has(id)) continue;
      const end = id.indexOf('\n');
      keys.push({ scope: id.slice(0, end), key: id.slice(end + 1), seen, write: undefined });
    }
    return { tenantId: this.owner.tenantId, keys, ranges: this.ranges, bytes: this.bytes };
  }

  private async carryOut(
    name: string,
    { operation, shared }: StoreCall,
    given: JsonValue,
  ): Promise<JsonValue | JsonText> {
    const scope = shared ? SHARED_SCOPE : this.owner.scriptId;
    const input = fieldsOf(name, operation, given);
    // Up to its first `await`, a call sees the state that earlier calls have left. So calls take effect in their order.
    switch (operation) {
      case 'get':
        return this.get(name, scope, keyOf(name, input));
      case 'set':
        return this.set(name, scope, input);
      case 'delete':
        return this.write(name, scope, keyOf(name, input), { kind: 'delete' });
      case 'increment':
        return this.increment(name, scope, input);
      case 'list':
        return this.list(name, scope, input);
    }
  }

  private async get(name: string, scope: StoreScope, key: string): Promise<JsonText> {
    const own = this.writes.get(idOf(scope, key))?.write;
    if (own?.kind === 'set') return new JsonText(own.text);
    if (own?.kind === 'delete') return new JsonText('null');
    const stored = await this.look(name, scope, key);
    return new JsonText(own ? sumOf(name, key, stored?.text, own.by) : (stored?.text ?? 'null'));
  }

  private set(name: string, scope: StoreScope, input: Record<string, unknown>): JsonValue {
    const key = keyOf(name, input);
    const value = fieldOf(input, 'value');
    if (value === undefined)
      return invalid(name, 'the value is missing or has no JSON form; to remove the key, call delete');
    const ttlMs = ttlOf(name, input);
    const read = readValueText(JSON.stringify(value));
    if ('problem' in read) throw new BindingCallError('too-large', `${name}: ${read.problem}`);
    return this.write(name, scope, key, { kind: 'set', text: read.value, ttlMs });
  }

  private increment(name: string, scope: StoreScope, input: Record<string, unknown>): JsonValue {
    const key = keyOf(name, input);
    const by = valid(name, readAmount(fieldOf(input, 'by')));
    const ttlMs = ttlOf(name, input);
    const own = this.writes.get(idOf(scope, key))?.write;
    if (own?.kind === 'set')
      return this.write(name, scope, key, { ...own, text: sumOf(name, key, own.text, by) });
    if (own?.kind === 'delete') return this.write(name, scope, key, { kind: 'set', text: by, ttlMs });
    const sum = own ? sumOf(name, key, own.by, by) : by;
    return this.write(name, scope, key, { kind: 'add', by: sum, ttlMs: own?.ttlMs ?? ttlMs });
  }

  private write(name: string, scope: StoreScope, key: string, write: StoreWrite): null {
    const id = idOf(scope, key);
    const before = this.writes.get(id);
    const bytes = this.bytes + bytesOf(key, write) - (before ? bytesOf(key, before.write) : 0);
    if (bytes > MOST_RUN_BYTES)
      throw new BindingCallError(
        'too-large',
        `${name}: the run would write ${bytes} bytes; the limit is ${MOST_RUN_BYTES}`,
      );
    this.bytes = bytes;
    this.writes.set(id, { scope, key, write });
    return null;
  }

  private async list(name: string, scope: StoreScope, input: Record<string, unknown>): Promise<JsonText> {
    const prefix = valid(name, readKey(fieldOf(input, 'prefix') ?? '', 'prefix'));
    const options = optionsOf(name, input, ['limit', 'cursor']);
    const after = valid(name, readKey(fieldOf(options, 'cursor') ?? '', 'cursor'));
    const limit = valid(name, readLimit(fieldOf(options, 'limit')));
    const own = [...this.writes.values()].filter(
      (written) => written.scope === scope && written.key.startsWith(prefix),
    );
    const { tenantId } = this.owner;
    const { items, more } = await this.asked(name, () =>
      this.reader.page(tenantId, scope, { prefix, after }, { keys: limit, bytes: PAGE_BYTES }),
    );
    const upTo = more ? items.at(-1)?.key : undefined;
    const newest = items.reduce((most, { revision }) => greater(most, revision), ABSENT);
    this.ranges.push({ scope, prefix, after, upTo, count: items.length, newest });
    const texts = new Map(items.map(({ key, text }) => [key, text]));
    let isInOrder = true;
    for (const { key, write } of own) {
      const isWithin = compareKeys(key, after) > 0 && (upTo === undefined || compareKeys(key, upTo) <= 0);
      if (!isWithin) continue;
      isInOrder &&= texts.has(key);
      if (write.kind === 'delete') texts.delete(key);
      else texts.set(key, write.kind === 'set' ? write.text : sumOf(name, key, texts.get(key), write.by));
    }
    const keys = isInOrder ? [...texts.keys()] : [...texts.keys()].toSorted(compareKeys);
    const entries: string[] = [];
    let bytes = 0;
    for (const key of keys) {
      if (entries.length === limit || bytes >= PAGE_BYTES) break;
      const entry = `{"key":${JSON.stringify(key)},"value":${texts.get(key) ?? 'null'}}`;
      bytes += byteLength(entry);
      entries.push(entry);
    }
    const next = entries.length < keys.length ? (keys[entries.length - 1] ?? null) : (upTo ?? null);
    return new JsonText(`{"items":[${entries.join(',')}],"nextCursor":${JSON.stringify(next)}}`);
  }

  /** Reads a key only once, so that the run keeps seeing the same value. */
  private async look(name: string, scope: StoreScope, key: string): Promise<StoredValue | null> {
    const id = idOf(scope, key);
    let reading = this.reads.get(id);
    if (!reading) {
      reading = this.asked(name, () => this.reader.read(this.owner.tenantId, scope, key));
      this.reads.set(id, reading);
    }
    const stored = await reading;
    this.seen.set(id, stored?.revision ?? ABSENT);
    return stored;
  }

  private async asked<T>(name: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      const isFirst = this.failure === undefined;
      this.failure ??= { cause };
      if (isFirst) this.owner.onAway?.();
      throw new BindingCallError('unavailable', `${name}: the store can't be read now`, {
        retryable: true,
        cause,
      });
    }
  }
}

const greater = (left: string, right: string): string => (BigInt(left) >= BigInt(right) ? left : right);

const bytesOf = (key: string, write: StoreWrite): number =>
  entryBytes(key, write.kind === 'set' ? write.text : '');

function fieldsOf(name: string, operation: StoreOperation, given: JsonValue): Record<string, unknown> {
  if (!isRecord(given)) return invalid(name, `expected an object, not ${valueInWords(given)}`);
  return known(name, given, FIELDS[operation]);
}

function optionsOf(
  name: string,
  input: Record<string, unknown>,
  fields: readonly string[],
): Record<string, unknown> {
  const options = fieldOf(input, 'options') ?? {};
  if (isRecord(options)) return known(name, options, fields);
  return invalid(
    name,
    `the options must be an object with ${fields.join(' and ')}, not ${valueInWords(options)}`,
  );
}

function known(
  name: string,
  given: Record<string, unknown>,
  fields: readonly string[],
): Record<string, unknown> {
  const unknown = Object.keys(given).find((field) => !fields.includes(field));
  if (unknown === undefined) return given;
  return invalid(name, `unknown field ${valueInWords(unknown)}; it takes ${fields.join(', ')}`);
}

const ttlOf = (name: string, input: Record<string, unknown>): number | null =>
  valid(name, readTtl(fieldOf(optionsOf(name, input, ['ttl']), 'ttl')));

const keyOf = (name: string, input: Record<string, unknown>): string =>
  valid(name, readKey(fieldOf(input, 'key'), 'key'));

function valid<T>(name: string, read: Read<T>): T {
  return 'problem' in read ? invalid(name, read.problem) : read.value;
}

function invalid(name: string, problem: string): never {
  throw new BindingCallError('invalid-input', `${name}: ${problem}`);
}

/** @throws BindingCallError `not-a-number` */
function sumOf(name: string, key: string, text: string | undefined, by: string): string {
  const sum = decimalSum(text ?? '0', by);
  if (sum !== undefined) return sum;
  throw new BindingCallError('not-a-number', `${name}: ${notANumber(key)}`);
}
