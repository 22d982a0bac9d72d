import { ScriptsEventError } from '../common/errors.js';
import { quoted } from '../common/printable.js';

/** The store of the tenant has no such key, or not anymore. @publicApi */
export class StoreKeyNotFoundError extends ScriptsEventError {
  readonly code = 'store-key-not-found';
  override readonly category = 'not-found';

  constructor(readonly key: string) {
    super(`The store has no key ${quoted(key)}. Check the key, the script and the tenant.`);
  }
}

/** The store of the tenant would have more keys, or more bytes, than the limits allow. Nothing was changed. @publicApi */
export class StoreQuotaError extends ScriptsEventError {
  readonly code = 'store-quota';
  override readonly category = 'conflict';

  /** @param problem says which limit */
  constructor(
    readonly tenantId: string,
    problem: string,
  ) {
    super(problem);
  }
}

/** The tenant has no such script whose store could be written. @publicApi */
export class StoreScriptNotFoundError extends ScriptsEventError {
  readonly code = 'store-script-not-found';
  override readonly category = 'not-found';

  constructor(readonly scriptId: string) {
    super(`Script ${quoted(scriptId)} not found for this tenant. Check the id and the tenant.`);
  }
}
