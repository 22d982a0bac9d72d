import type { BindingCallError } from '../common/binding-call.error.js';
import { DatabaseAwayError, isOutage } from '../common/database-failure.js';
import { within } from '../common/within.js';
import { ScriptStorageAwayError } from '../scripts/script.errors.js';
import type { RunSecrets } from '../secrets/run-secrets.js';
import type { SecretVault } from '../secrets/secret-vault.js';
import type { VariableStore } from '../variables/variable-store.js';
import { formatDuration } from '../common/duration-text.js';

/** The facts about a run that decide which values it gets. */
interface RunToCome {
  readonly script: { readonly secrets: readonly string[] | null };
  readonly event: { readonly tenantId: string };
  readonly source: string;
  readonly refuseSecrets?: (() => BindingCallError) | undefined;
}

/** The values of its tenant that a run gets. */
export interface ValuesOfRun {
  readonly secrets: RunSecrets | undefined;
  readonly variablesText: string | undefined;
}

/**
 * The longest wait for values that are not in memory, in milliseconds, so that a dead connection doesn't block a
 * worker.
 */
const READ_TIMEOUT_MS = 5_000;

/**
 * Text in a source that may refer to `vars`: the word itself, or a way to make one at run time. Most scripts read no
 * variables, so none are sent to them.
 */
const MAY_READ_VARIABLES = /\bvars\b|\\u|\beval\b/;

/** Provides the secrets and variables of runs, from memory, for scripts that use them. */
export class RunValues {
  private readonly readers = new WeakMap<object, boolean>();

  constructor(
    private readonly secrets: Pick<SecretVault, 'forRun'>,
    private readonly variables: Pick<VariableStore, 'of'>,
  ) {}

  /**
   * Undefined for a script that uses none. Returns a promise only if something is not in memory.
   *
   * @throws ScriptStorageAwayError if the values can't be read now
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

  /** The index keeps the same object for a script as long as its version is the same. */
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
      throw new DatabaseAwayError(`values were not read within ${formatDuration(READ_TIMEOUT_MS)}`);
    const [readSecrets, readVariables] = await both;
    return { secrets: readSecrets, variablesText: readVariables?.text };
  } catch (error) {
    throw isOutage(error) ? new ScriptStorageAwayError(error) : error;
  }
}
