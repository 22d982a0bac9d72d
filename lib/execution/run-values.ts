import type { BindingCallError } from '../common/binding-call.error.js';
import { DatabaseAwayError, isOutage } from '../common/database-failure.js';
import { within } from '../common/within.js';
import { ScriptStorageAwayError } from '../scripts/script.errors.js';
import type { RunSecrets } from '../secrets/run-secrets.js';
import type { SecretVault } from '../secrets/secret-vault.js';
import type { VariableStore } from '../variables/variable-store.js';

/** What is needed to know of a run. */
interface RunToCome {
  readonly script: { readonly secrets: readonly string[] | null };
  readonly event: { readonly tenantId: string };
  readonly source: string;
  readonly refuseSecrets?: (() => BindingCallError) | undefined;
}

/** What a run has of its tenant. */
export interface ValuesOfRun {
  readonly secrets: RunSecrets | undefined;
  readonly variablesText: string | undefined;
}

/** Longest wait for values that are not in memory, in milliseconds: a connection that was cut must not hold a worker. */
const READ_TIMEOUT_MS = 5_000;

/**
 * What can name `vars`: the word itself, or what makes one while the script runs. Looked for in the source, since most scripts read
 * no variable, and need none sent.
 */
const MAY_READ_VARIABLES = /\bvars\b|\\u|\beval\b/;

/** The secrets and variables of runs: from memory, for scripts that use them. */
export class RunValues {
  private readonly readers = new WeakMap<object, boolean>();

  constructor(
    private readonly secrets: Pick<SecretVault, 'forRun'>,
    private readonly variables: Pick<VariableStore, 'of'>,
  ) {}

  /**
   * Undefined for a script that uses none. A promise only when something is not in memory.
   *
   * @throws ScriptStorageAwayError when it cannot be read now
   */
  of(request: RunToCome): ValuesOfRun | undefined | Promise<ValuesOfRun> {
    const { script, event, source, refuseSecrets } = request;
    const allowed = script.secrets;
    const reads = this.readsVariables(script, source);
    if (!allowed && !reads) return undefined;
    const secrets = allowed ? this.secrets.forRun(event.tenantId, allowed, refuseSecrets) : undefined;
    const variables = reads ? this.variables.of(event.tenantId) : undefined;
    if (secrets instanceof Promise || variables instanceof Promise) return waited(secrets, variables);
    return { secrets, variablesText: variables?.text };
  }

  /** A script of the index is one object for as long as it is the same version. */
  private readsVariables(script: object, source: string): boolean {
    let reads = this.readers.get(script);
    if (reads === undefined) this.readers.set(script, (reads = MAY_READ_VARIABLES.test(source)));
    return reads;
  }
}

async function waited(
  secrets: RunSecrets | undefined | Promise<RunSecrets>,
  variables: { text: string } | undefined | Promise<{ text: string }>,
): Promise<ValuesOfRun> {
  const both = Promise.all([secrets, variables]);
  try {
    if ((await within(both, READ_TIMEOUT_MS)) === 'timeout')
      throw new DatabaseAwayError(`values were not read within ${READ_TIMEOUT_MS} ms`);
    const [readSecrets, readVariables] = await both;
    return { secrets: readSecrets, variablesText: readVariables?.text };
  } catch (error) {
    throw isOutage(error) ? new ScriptStorageAwayError(error) : error;
  }
}
