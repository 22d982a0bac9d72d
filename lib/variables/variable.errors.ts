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

/** The tenant would have more variables, or larger ones, than the limits allow. Nothing was changed. @publicApi */
export class TooManyVariablesError extends ScriptsEventError {
  readonly code = 'too-many-variables';
  override readonly category = 'conflict';

  /** @param limit of `limits.tenantVariables` or `limits.tenantVariableBytes`, in words */
  constructor(
    readonly tenantId: string,
    limit: string,
  ) {
    super(
      `The variables of tenant ${quoted(tenantId)} would be more than ${limit} allows. Delete some, or raise it.`,
    );
  }
}

/** Somebody else changed a variable since it was read. Nothing was changed. @publicApi */
export class VariableChangedError extends ScriptsEventError {
  readonly code = 'variable-changed';
  override readonly category = 'conflict';

  constructor(
    readonly variableName: string,
    /** The version it has now; 0: none. */
    readonly currentVersion: number,
  ) {
    super(
      `Variable ${quoted(variableName)} was changed by somebody else since it was read: it is at version ${currentVersion} now. ` +
        'Reload it and apply the change again.',
    );
  }
}
