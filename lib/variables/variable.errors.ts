import { ScriptsEventError } from '../common/errors.js';
import { quoted } from '../common/printable.js';

/** The tenant has no such variable. @publicApi */
export class VariableNotFoundError extends ScriptsEventError {
  readonly code = 'variable-not-found';
  override readonly category = 'not-found';

  constructor(readonly variableName: string) {
    super(`The tenant has no variable ${quoted(variableName)}. Check the name and the tenant.`);
  }
}

/** A change would exceed the tenant's limits for the number or size of variables. Nothing was changed. @publicApi */
export class TooManyVariablesError extends ScriptsEventError {
  readonly code = 'too-many-variables';
  override readonly category = 'conflict';

  /** @param limit the exceeded limit in words, with `limits.tenantVariables` or `limits.tenantVariableBytes` */
  constructor(
    readonly tenantId: string,
    limit: string,
  ) {
    super(
      `The variables of tenant ${quoted(tenantId)} would exceed ${limit}. Delete some, or raise the limit.`,
    );
  }
}

/** Somebody else changed a variable since it was read. Nothing was changed. @publicApi */
export class VariableChangedError extends ScriptsEventError {
  readonly code = 'variable-changed';
  override readonly category = 'conflict';

  constructor(
    readonly variableName: string,
    /** The current version. 0 if there is no such variable. */
    readonly currentVersion: number,
  ) {
    super(
      `Somebody else has changed variable ${quoted(variableName)} since it was read. Its version is now ${currentVersion}. ` +
        'Reload it and apply the change again.',
    );
  }
}
