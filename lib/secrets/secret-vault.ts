import type { BindingCallError } from '../common/binding-call.error.js';
import type { Clock } from '../common/clock.js';
import { messageOf } from '../common/errors.js';
import { lineAbout } from '../common/log-line.js';
import { inOwnContext } from '../common/own-context.js';
import { toStorableText } from '../common/json.js';
import { quoted } from '../common/printable.js';
import { PrintableLogger } from '../common/printable-logger.js';
import { ThrottledLog } from '../common/throttled-log.js';
import { within } from '../common/within.js';
import type { MetricsRecorder } from '../metrics/metrics.recorder.js';
import type { NodeMessages } from '../nodes/node-messages.js';
import { type TenantState, TenantRows } from '../nodes/tenant-rows.js';
import { RunSecrets, type SecretOfRun } from './run-secrets.js';
import type { SecretCipher, SecretReference } from './secret.cipher.js';
import { SecretKeyError, SecretKeyMissingError } from './secret.errors.js';
import type { SealedSecret, SecretRepository } from './secret.repository.js';

/**
 * Memory for sealed values, enough for some 60,000 secrets of the usual size. Values that exceed it are read from the
 * database at each use.
 */
const MOST_BYTES = 32 * 1024 * 1024;
const BYTES_AROUND = 500;
/** How precisely the time of a secret's last use is stored, in milliseconds. */
const USE_STEP_MS = 60_000;
/** How long uses are collected before they are written, in milliseconds. */
const USES_WAIT_MS = 2_000;

/** The secrets of a tenant at one moment. */
interface TenantSecrets extends TenantState {
  readonly byName: ReadonlyMap<string, SealedSecret>;
}

/** Counts uses and failures. */
type SecretCounter = Pick<MetricsRecorder, 'secretUsed' | 'cipherFailed'>;

/** The settings of the vault. */
export interface VaultSettings {
  /** How often it asks the database for changes, in milliseconds. */
  pollIntervalMs: number;
}

/**
 * Holds the sealed secrets of all tenants in memory and opens them for runs. A change in another process arrives
 * within a second. An opened value is kept while a run uses it or its sealed value is in memory.
 */
export class SecretVault {
  private readonly logger = new PrintableLogger(SecretVault.name);
  private readonly faults: ThrottledLog;
  private readonly rows: TenantRows<SealedSecret, TenantSecrets>;
  /** Opened values by the sealed secret in memory, so that both are freed together. */
  private readonly opened = new WeakMap<SealedSecret, Promise<string>>();
  private readonly usedAt = new Map<string, SecretReference & { at: number }>();
  private readonly notedAt = new WeakMap<SealedSecret, number>();
  private noting: NodeJS.Timeout | undefined;

  private known: { cipher: SecretCipher | undefined } | undefined;

  /** @param findCipher returns undefined while secrets are off */
  constructor(
    private readonly repository: SecretRepository,
    private readonly findCipher: () => SecretCipher | undefined,
    messages: NodeMessages,
    private readonly clock: Clock,
    private readonly metrics: SecretCounter,
    { pollIntervalMs }: VaultSettings,
  ) {
    this.faults = new ThrottledLog(this.logger, clock);
    this.rows = new TenantRows(repository.rows, messages, {
      kind: 'secrets',
      pollIntervalMs,
      maxBytes: MOST_BYTES,
      make: (rows) => ({
        byName: new Map(rows.map((row) => [row.name, row])),
        bytes: rows.reduce((sum, { sealed }) => sum + sealed.length + BYTES_AROUND, 0),
      }),
    });
  }

  /** Looked up at the first use, because providers of the host may depend on this module. */
  private get cipher(): SecretCipher | undefined {
    this.known ??= { cipher: this.findCipher() };
    return this.known.cipher;
  }

  /** The id of the key that seals now. */
  get keyId(): string {
    return this.require().keyId;
  }

  /** @throws {SecretKeyMissingError} */
  require(): SecretCipher {
    if (!this.cipher) throw new SecretKeyMissingError();
    return this.cipher;
  }

  /** Loads the secrets and checks that the keys open them. @throws {SecretKeyError} */
  async start(): Promise<void> {
    const { cipher } = this;
    const samples = await this.repository.onePerKey();
    if (!cipher) {
      if (samples.length > 0)
        this.logger.warn(
          'The database has secrets, but no key is set, so scripts that use them fail. Set secrets.keys (EVENT_SECRETS_KEY).',
        );
      return;
    }
    await this.checkKeys(cipher, samples);
    await this.rows.start();
  }

  async stop(timeoutMs: number): Promise<void> {
    clearTimeout(this.noting);
    this.faults.tell();
    await within(this.noteUses(), timeoutMs);
    await this.rows.stop(timeoutMs);
  }

  /** The current key must open the secrets with its id. If secrets of other keys can't be opened, logs an error. */
  private async checkKeys(cipher: SecretCipher, samples: readonly SealedSecret[]): Promise<void> {
    const wrong: { keyId: string; error: unknown }[] = [];
    for (const sample of samples) {
      const { keyId } = sample;
      try {
        await cipher.open(sample.sealed, sample, keyId);
      } catch (error) {
        wrong.push({ keyId, error });
      }
    }
    const own = wrong.find(({ keyId }) => keyId === cipher.keyId);
    if (own) throw new SecretKeyError([own.keyId], own.error);
    for (const { keyId, error } of wrong)
      this.logger.error(
        `Secrets sealed with the key ${quoted(keyId)} can't be opened: ${messageOf(error)}. Scripts that use them fail.`,
      );
  }

  async seal(value: string, place: SecretReference): Promise<Pick<SealedSecret, 'keyId' | 'sealed'>> {
    const cipher = this.require();
    try {
      return sealOf(cipher.keyId, await cipher.seal(value, place));
    } catch (error) {
      this.metrics.cipherFailed('seal');
      throw error;
    }
  }

  /** Seals the same value with the current key. Undefined if it can't be opened, which is logged. */
  async reseal(secret: SealedSecret): Promise<Pick<SealedSecret, 'keyId' | 'sealed'> | undefined> {
    const { tenantId, name, keyId } = secret;
    const cipher = this.require();
    let value: string;
    try {
      value = await cipher.open(secret.sealed, secret, keyId);
    } catch (error) {
      this.metrics.cipherFailed('reseal');
      this.faults.error(
        `reseal ${keyId}`,
        lineAbout(
          { tenantId },
          ({ ofTenant }) =>
            `Secret ${quoted(name)}${ofTenant} keeps its key ${quoted(keyId)}: ${messageOf(error)}`,
        ),
      );
      return undefined;
    }
    return this.seal(value, { tenantId, name });
  }

  /** Call this after this process has committed a change of the tenant's secrets. */
  changed(tenantId: string): Promise<void> {
    return this.rows.changed(tenantId);
  }

  /** Names of the tenant's secrets, read from the database. null while secrets are off. */
  async namesOf(tenantId: string): Promise<readonly string[] | null> {
    return this.cipher ? [...(await this.rows.readNow(tenantId)).byName.keys()] : null;
  }

  /**
   * The secrets that a run may use. Returns a promise, which may reject, only if they are not in memory.
   *
   * @param allowed names that the script has in its list
   * @param refusal makes the error for each use, in a run that may not use secrets
   */
  forRun(
    tenantId: string,
    allowed: readonly string[],
    refusal?: () => BindingCallError,
  ): RunSecrets | Promise<RunSecrets> {
    if (!this.cipher) return new RunSecrets([]);
    const held = this.rows.of(tenantId);
    const make = ({ byName }: TenantSecrets): RunSecrets =>
      new RunSecrets(
        allowed.flatMap((name) => byName.get(name) ?? []).map((secret) => this.ofRun(secret)),
        refusal,
      );
    return held instanceof Promise ? held.then(make) : make(held);
  }

  private ofRun(secret: SealedSecret): SecretOfRun {
    const { name, hosts, bindings } = secret;
    return {
      name,
      hosts,
      bindings,
      open: () => this.open(secret),
      used: () => this.used(secret),
      refused: () => this.metrics.secretUsed('refused'),
    };
  }

  private open(secret: SealedSecret): Promise<string> {
    const known = this.opened.get(secret);
    if (known) return known;
    const opening = inOwnContext(() => this.openNow(secret));
    this.opened.set(secret, opening);
    opening.catch((error: unknown) => {
      this.opened.delete(secret);
      this.metrics.cipherFailed('open');
      const { tenantId, name } = secret;
      this.faults.error(
        secret.keyId,
        lineAbout(
          { tenantId },
          ({ ofTenant }) => `Secret ${quoted(name)}${ofTenant} can't be opened: ${messageOf(error)}`,
        ),
      );
    });
    return opening;
  }

  private async openNow({ tenantId, name, keyId, sealed }: SealedSecret): Promise<string> {
    const value: unknown = await this.require().open(sealed, { tenantId, name }, keyId);
    if (typeof value !== 'string' || value === '') throw new TypeError('the cipher returned no text');
    return value;
  }

  private used(secret: SealedSecret): void {
    this.metrics.secretUsed('filled');
    const at = this.clock.now();
    if (at - (this.notedAt.get(secret) ?? -Infinity) < USE_STEP_MS) return;
    this.notedAt.set(secret, at);
    const { tenantId, name } = secret;
    this.usedAt.set(JSON.stringify([tenantId, name]), { tenantId, name, at });
    this.noting ??= inOwnContext(() => setTimeout(() => void this.noteUses(), USES_WAIT_MS).unref());
  }

  /** Never rejects. If the time of a use can't be stored, the next use stores a new one. */
  private async noteUses(): Promise<void> {
    this.noting = undefined;
    const uses = [...this.usedAt.values()];
    this.usedAt.clear();
    if (uses.length === 0) return;
    await this.repository.noteUses(uses).catch((error: unknown) => {
      this.faults.warn(
        'uses',
        `The times of the last use of secrets could not be stored: ${messageOf(error)}`,
      );
    });
  }
}

const LONGEST_KEY_ID = 200;

/** Checks what the cipher returned, because a host's own cipher may return anything. */
function sealOf(keyId: unknown, sealed: unknown): Pick<SealedSecret, 'keyId' | 'sealed'> {
  if (typeof keyId !== 'string' || keyId === '' || keyId.length > LONGEST_KEY_ID)
    throw new TypeError(`secrets.cipher: keyId must be text of 1 to ${LONGEST_KEY_ID} characters`);
  if (typeof sealed !== 'string' || sealed === '' || toStorableText(sealed) !== sealed)
    throw new TypeError('secrets.cipher: seal() must return text without U+0000, such as base64');
  return { keyId, sealed };
}
