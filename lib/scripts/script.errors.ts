import { listed, printable, quoted, valueInWords } from '../common/printable.js';
import { ScriptsEventError } from '../common/errors.js';
import type { ScriptStatus } from '../entities/index.js';

/**
 * No such script for this tenant. The same error whether the id is unknown or belongs to another tenant, so that it
 * tells nothing about other tenants.
 *
 * @publicApi
 */
export class ScriptNotFoundError extends ScriptsEventError {
  readonly code = 'script-not-found';
  override readonly category = 'not-found';

  constructor(readonly scriptId: string) {
    super(`There is no script ${valueInWords(scriptId)} for this tenant: check the id and the tenant.`);
  }
}

/** The script has no such version. @publicApi */
export class ScriptVersionNotFoundError extends ScriptsEventError {
  readonly code = 'script-version-not-found';
  override readonly category = 'not-found';

  constructor(
    readonly scriptId: string,
    readonly version: number,
  ) {
    super(`Script ${scriptId} has no version ${valueInWords(version)}: listVersions tells which there are.`);
  }
}

/** One problem of a script that was to be saved. @publicApi */
export interface ScriptIssue {
  /** The field as its author wrote it, printable, for example `eventTypes[1]` or `filters.amount.gtt`. */
  path: string;
  /**
   * `type`, `required`, `length`, `format`, `range`, `duplicate`, `reserved`, `unknown`, `unsupported`, `characters`, `syntax`,
   * `too-slow` for a source whose check was stopped, and for filters the codes of the filter language.
   */
  code: string;
  /** What is wrong and what to write instead. */
  message: string;
  /** Line of the author's source, from 1, for a problem of the source. */
  line?: number;
}

/**
 * What was given cannot be saved or asked for. Carries every problem at once.
 *
 * @publicApi
 */
export class ScriptValidationError extends ScriptsEventError {
  readonly code: string = 'invalid-script';
  override readonly category = 'invalid';

  /** @param issues never empty */
  constructor(readonly issues: readonly ScriptIssue[]) {
    super(listed(issues.map(sentenceOf)));
  }
}

const sentenceOf = ({ path, line, message }: ScriptIssue): string => {
  const place = printable(path, LONGEST_PLACE);
  return line === undefined ? `${place}: ${message}` : `${place}, line ${line}: ${message}`;
};

/** Characters of a place in a sentence; the issue has more of it. */
const LONGEST_PLACE = 120;

/** The source is the only thing wrong: empty, too large or not JavaScript. @publicApi */
export class ScriptSourceError extends ScriptValidationError {
  override readonly code = 'invalid-script-source';
  /** Line of the author's source, from 1, when the problem has a place. */
  readonly line: number | undefined;

  constructor(issue: ScriptIssue) {
    super([issue]);
    this.line = issue.line;
  }
}

/** A script is TypeScript, and the package that removes types is not there. @publicApi */
export class TypeScriptSupportError extends ScriptsEventError {
  readonly code = 'typescript-support';

  constructor(cause?: unknown) {
    super(
      'A script in TypeScript needs the package amaro, which is not installed or does not load: run "npm install amaro@^1.1.0", or write the script as JavaScript.',
      { cause },
    );
  }
}

/** Another script of the tenant, not archived, has this name. @publicApi */
export class DuplicateScriptNameError extends ScriptsEventError {
  readonly code = 'duplicate-script-name';
  override readonly category = 'conflict';

  constructor(
    readonly scriptName: string,
    cause?: unknown,
  ) {
    super(
      `The tenant has a script named ${quoted(scriptName)} already: choose another name, or archive that one.`,
      {
        cause,
      },
    );
  }
}

/**
 * The tenant has as many scripts that listen to events, active or disabled, as it may have. Nothing was changed.
 *
 * @publicApi
 */
export class TooManyScriptsError extends ScriptsEventError {
  readonly code = 'too-many-scripts';
  override readonly category = 'conflict';

  /** @param limit `limits.tenantScripts` */
  constructor(
    readonly tenantId: string,
    readonly limit: number,
  ) {
    super(
      `Tenant ${quoted(tenantId)} has ${limit} scripts or more that are active or disabled, and may have no further one: pause, ` +
        'archive or delete some, or raise limits.tenantScripts (EVENT_LIMITS_TENANT_SCRIPTS).',
    );
  }
}

/** The script's status does not allow this. @publicApi */
export class ScriptStatusError extends ScriptsEventError {
  readonly code = 'script-status';
  override readonly category = 'conflict';

  /** @param possible what can be done with the script instead */
  constructor(
    readonly scriptId: string,
    readonly from: ScriptStatus,
    readonly to: ScriptStatus,
    action: string,
    possible: readonly string[],
  ) {
    super(
      `Script ${scriptId} is ${from}; ${action}, which makes a script ${to}, is not possible: ${possible.join(' and ')} are.`,
    );
  }
}

/** Somebody else saved the source in between. @publicApi */
export class ScriptConflictError extends ScriptsEventError {
  readonly code = 'script-conflict';
  override readonly category = 'conflict';

  constructor(
    readonly scriptId: string,
    readonly baseVersion: number,
    readonly currentVersion: number,
  ) {
    super(
      `Script ${scriptId} has version ${currentVersion} by now, and this change was made from version ${baseVersion}: read the current source and change that.`,
    );
  }
}

/**
 * What is needed to run a script is not in memory, and the database is away. Nothing has run.
 *
 * @publicApi
 */
export class ScriptStorageAwayError extends ScriptsEventError {
  readonly code = 'script-storage-away';
  override readonly category = 'unavailable';

  constructor(cause?: unknown) {
    super(
      'The script is not in memory, and the database that has it is away; it can run when that is back.',
      {
        retryable: true,
        cause,
      },
    );
  }
}
