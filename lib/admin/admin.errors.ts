import { ScriptsEventError } from '../common/errors.js';
import { valueInWords } from '../common/printable.js';

/** Options of `ScriptsEventAdminModule` are invalid. Thrown when the application starts. @publicApi */
export class AdminOptionsError extends ScriptsEventError {
  readonly code = 'admin-options';

  constructor(
    /** The option that is wrong, `access`. */
    readonly option: string,
    problem: string,
  ) {
    super(`ScriptsEventAdminModule can't start: ${option} ${problem}.`);
  }
}

/** `ScriptsEventAdminModule` can't find `ScriptsEventModule`. Thrown when the application starts. @publicApi */
export class AdminModuleMissingError extends ScriptsEventError {
  readonly code = 'admin-module-missing';

  constructor() {
    super(
      "ScriptsEventAdminModule can't start without ScriptsEventModule: import ScriptsEventModule.forRoot() in the " +
        'application; with isGlobal: false also in the imports of ScriptsEventAdminModule.',
    );
  }
}

/** `access` returned something other than a session or null. The response is 500. @publicApi */
export class AdminAccessError extends ScriptsEventError {
  readonly code = 'admin-access';

  constructor(
    /** The field that is wrong, `tenants`. */
    readonly field: string,
    value: unknown,
    expected: string,
  ) {
    super(
      `access of ScriptsEventAdminModule returned a session whose ${field} is ${valueInWords(value)}: return ${expected}.`,
    );
  }
}
