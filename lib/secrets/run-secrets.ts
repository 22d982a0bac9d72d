import { randomBytes } from 'node:crypto';
import { BindingCallError } from '../common/binding-call.error.js';
import { allowsHost } from '../options/host-pattern.js';
import { byteLength, isRecord, type JsonValue } from '../common/json.js';
import { ValueFinder } from './value-finder.js';

/** A secret as a run sees it. It stays what it was when the run began, even if it is changed meanwhile. */
export interface SecretOfRun {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly bindings: readonly string[];
  /** Opens and returns the value. Rejects if it can't be opened. */
  open(): Promise<string>;
  /** Records that the secret was used. */
  used(): void;
  /** Records that the script tried to send the secret where it may not go. */
  refused(): void;
}

/** Where a script would send a secret; `inProcess`: nowhere, the value is read or digested here. */
export type Destination = { host: URL; inSecret?: boolean } | { binding: string } | { inProcess: true };

/** Replaces a secret's value wherever a person could read it. */
const mark = (name: string): string => `[secret:${name}]`;

/**
 * The secrets of one run. The script gets markers: texts that each stand for one secret of this run. They contain a
 * nonce made for the run, so no other text is a marker. Values never leave this process.
 */
export class RunSecrets {
  readonly nonce = randomBytes(16).toString('hex');
  readonly names: readonly string[];
  private readonly markers = new RegExp(`_secret_${this.nonce}_(\\d{1,3})_`, 'g');
  private opening: Promise<void> | undefined;
  private values: readonly string[] | undefined;
  private finder: ValueFinder | undefined;

  /** @param refusal makes the error for each use, in a run that may not use secrets */
  constructor(
    private readonly secrets: readonly SecretOfRun[],
    private readonly refusal?: () => BindingCallError,
  ) {
    this.names = secrets.map(({ name }) => name);
  }

  /**
   * Opens all secrets before the first call of the run, because another server may know a value from elsewhere and
   * send it back.
   *
   * @throws BindingCallError `secret-unavailable`
   */
  open(): Promise<void> {
    this.opening ??= this.openAll().catch((error: unknown) => {
      // Lets the next call try again.
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  private async openAll(): Promise<void> {
    const values = await Promise.all(
      this.secrets.map((secret) =>
        secret.open().catch((cause: unknown) => {
          const message = `Secret "${secret.name}" can't be opened; report this to the operator of the application`;
          throw new BindingCallError('secret-unavailable', message, { cause, retryable: true });
        }),
      ),
    );
    this.values = values;
    this.finder = new ValueFinder(values);
  }

  /** Whether a text contains a marker. */
  isIn(text: string): boolean {
    return text.includes(this.nonce) && text.search(this.markers) !== -1;
  }

  /** Whether a text begins with a marker. */
  begins(text: string): boolean {
    return text.search(this.markers) === 0;
  }

  /**
   * Checks that every secret in a text may go to the destination.
   *
   * @throws BindingCallError that names the secret and what to change
   */
  check(text: string, destination: Destination): void {
    for (const [, at] of text.matchAll(this.markers)) {
      if (this.refusal) throw this.refusal();
      const secret = this.secrets[Number(at)];
      const problem = secret && whyRefused(secret, destination);
      if (problem === undefined) continue;
      secret?.refused();
      throw new BindingCallError('secret-not-allowed', problem);
    }
  }

  /**
   * Length of the text with values in place of its markers, before encoding, in characters. Call {@link open} first.
   */
  filledLength(text: string): number {
    return this.filledSize(text, (part) => part.length);
  }

  /** Like {@link filledLength}, in bytes of UTF-8. */
  filledBytes(text: string): number {
    return this.filledSize(text, byteLength);
  }

  private filledSize(text: string, sizeOf: (part: string) => number): number {
    const sizes = this.values?.map(sizeOf);
    let size = sizeOf(text);
    for (const [marker, at] of text.matchAll(this.markers))
      size += (sizes?.[Number(at)] ?? marker.length) - marker.length;
    return size;
  }

  /**
   * The text with values in place of its markers. Call {@link open} and {@link check} first. A marker of a secret that
   * may not go to the destination stays, because a text may have been composed after the check.
   */
  fill(text: string, destination: Destination, encode: (value: string) => string = (value) => value): string {
    if (!text.includes(this.nonce)) return text;
    return text.replace(this.markers, (marker, at: string) => {
      if (this.refusal) throw this.refusal();
      const secret = this.secrets[Number(at)];
      const value = this.values?.[Number(at)];
      if (secret === undefined || value === undefined) return marker;
      if (whyRefused(secret, destination) !== undefined) {
        secret.refused();
        return marker;
      }
      secret.used();
      return encode(value);
    });
  }

  /** The text with a mask in place of every marker and of every value in each known form. */
  mask(text: string): string {
    return this.replaced(text, (at) => mark(this.names[at] ?? ''));
  }

  /**
   * The text with markers in place of the values, so that a script can send a value on that a redirect has sent back.
   */
  remark(text: string): string {
    return this.replaced(text, (at) => `_secret_${this.nonce}_${at}_`);
  }

  /** {@link mask} for JSON text. The result is valid JSON. */
  maskJson(text: string): string {
    return this.mask(text) === text ? text : JSON.stringify(this.maskValue(JSON.parse(text) as JsonValue));
  }

  /** {@link mask} for every text in a value, including field names, and for numbers. */
  maskValue<Value extends JsonValue>(value: Value): Value {
    return this.masked(value) as Value;
  }

  private masked(value: JsonValue): JsonValue {
    if (typeof value === 'string') return this.mask(value);
    if (typeof value === 'number') {
      const text = String(value);
      return this.mask(text) === text ? value : this.mask(text);
    }
    if (Array.isArray(value)) return value.map((item) => this.masked(item));
    if (!isRecord(value)) return value;
    const entries = Object.entries(value as Record<string, JsonValue>);
    return Object.fromEntries(entries.map(([key, item]) => [this.mask(key), this.masked(item)]));
  }

  private replaced(given: string, by: (at: number) => string): string {
    let text = given;
    if (text.includes(this.nonce)) {
      text = text.replace(this.markers, (_marker, at: string) => by(Number(at)));
    }
    return this.finder ? this.finder.replace(text, by) : text;
  }
}

function whyRefused({ name, hosts, bindings }: SecretOfRun, destination: Destination): string | undefined {
  if ('inProcess' in destination) return undefined;
  if ('binding' in destination) {
    if (bindings.includes(destination.binding)) return undefined;
    return `Secret "${name}" may not go to ${destination.binding}: add "${destination.binding}" to its bindings`;
  }
  if (hosts.some((host) => allowsHost(host, destination.host))) return undefined;
  const where = destination.inSecret ? 'the host in it' : destination.host.host;
  return `Secret "${name}" may not go to ${where}: add the host to the secret's hosts`;
}
