import { ScriptsEventError } from '../common/errors.js';
import { quoted } from '../common/printable.js';

/** The tenant's store has no such key, or the key has expired. @publicApi */
export class StoreKeyNotFoundError extends ScriptsEventError {
  readonly code = 'store-key-not-found';
  override readonly category = 'not-found';

  constructor(readonly key: string) {
    super(`The store has no key ${quoted(key)}. Check the key, the script and the tenant.`);
  }
}

/** A change would exceed the tenant's limits for keys or bytes. Nothing was changed. @publicApi */
export class StoreQuotaError extends ScriptsEventError {
  readonly code = 'store-quota';
  override readonly category = 'conflict';

  /** @param problem the message, which names the exceeded limit */
  constructor(
    readonly tenantId: string,
    problem: string,
  ) {
    super(problem);
  }
}

/** The tenant has no such script, so there is no store to write to. @publicApi */
export class StoreScriptNotFoundError extends ScriptsEventError {
  readonly code = 'store-script-not-found';
  override readonly category = 'not-found';

  constructor(readonly scriptId: string) {
    super(`Script ${quoted(scriptId)} not found for this tenant. Check the id and the tenant.`);
  }
}
