import { listed, LONGEST_PLACE, printable, quoted, valueInWords } from '../common/printable.js';
import { ScriptsEventError } from '../common/errors.js';
import { fieldIssue } from '../common/invalid-query.error.js';
import type { ScriptStatus } from '../entities/index.js';

/**
 * The tenant has no such script. The error is the same for another tenant's script, so that ids can't be probed.
 *
 * @publicApi
 */
export class ScriptNotFoundError extends ScriptsEventError {
  readonly code = 'script-not-found';
  override readonly category = 'not-found';

  constructor(readonly scriptId: string) {
    super(`Script ${valueInWords(scriptId)} not found for this tenant. Check the id and the tenant.`);
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
    super(
      `Script ${scriptId} has no version ${valueInWords(version)}. listVersions returns the existing ones.`,
    );
  }
}

/** One problem of a script that can't be saved. @publicApi */
export interface ScriptIssue {
  /** The field as its author wrote it, made printable, for example `eventTypes[1]` or `filters.amount.gtt`. */
  path: string;
  /**
   * `type`, `required`, `length`, `format`, `range`, `duplicate`, `reserved`, `unknown`, `unsupported`, `characters`,
   * `syntax`, `too-slow` for a source whose check was stopped, and for filters the codes of the filter language.
   */
  code: string;
  /** What is wrong and what to write instead. */
  message: string;
  /** Line of the author's source, from 1, for a problem of the source. */
  line?: number;
}

/**
 * A script, or an argument of {@link ScriptService}, is invalid. The error lists every problem.
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

/** Only the source is wrong: it is empty, too large or not JavaScript. @publicApi */
export class ScriptSourceError extends ScriptValidationError {
  override readonly code = 'invalid-script-source';
  /** Line of the author's source, from 1; undefined if the problem has no line. */
  readonly line: number | undefined;

  constructor(issue: ScriptIssue) {
    super([issue]);
    this.line = issue.line;
  }
}

/** The script is TypeScript, but the package `amaro`, which removes types, is not installed. @publicApi */
export class TypeScriptSupportError extends ScriptsEventError {
  readonly code = 'typescript-support';

  constructor(cause?: unknown) {
    super(
      `TypeScript scripts need the package amaro, which is not installed or can't be loaded. Run "npm install amaro@^1.1.0", or write the script in JavaScript.`,
      { cause },
    );
  }
}

/**
 * The script is TypeScript, but the system refuses the thread that removes its types: the application has no file
 * descriptor, thread or memory for it. Nothing was saved; the same call succeeds when it has.
 *
 * @publicApi
 */
export class TypeScriptStartError extends ScriptsEventError {
  readonly code = 'typescript-start';
  override readonly category = 'unavailable';

  /** @param reason code of the system's error, such as `EMFILE`: its message may name files of the host */
  constructor(reason: string, cause: unknown) {
    super(
      `The system refuses the thread that removes the types of a TypeScript script (${reason}). Save again later. If ` +
        'this persists, raise the limit of open files (ulimit -n), or of processes and threads (ulimit -u).',
      { retryable: true, cause },
    );
  }
}

/** Another script of the tenant, not archived, has this name. @publicApi */
export class DuplicateScriptNameError extends ScriptsEventError {
  readonly code = 'duplicate-script-name';
  override readonly category = 'conflict';
  /** The problem and its field, in the form that all errors about fields have. Always exactly one. */
  readonly issues: readonly [ScriptIssue];

  constructor(
    readonly scriptName: string,
    cause?: unknown,
  ) {
    super(
      `The tenant already has a script named ${quoted(scriptName)}. Choose another name, or archive the existing script.`,
      {
        cause,
      },
    );
    this.issues = [fieldIssue('name', 'duplicate', this.message)];
  }
}

/**
 * The tenant already has as many scripts that listen to events (active or disabled) as `limits.tenantScripts` allows.
 * Nothing was changed.
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
      `Tenant ${quoted(tenantId)} has reached the limit of ${limit} active or disabled scripts. Pause, ` +
        'archive or delete some, or raise limits.tenantScripts (EVENT_LIMITS_TENANT_SCRIPTS).',
    );
  }
}

/** The script's status doesn't allow the action. @publicApi */
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
      `Can't ${action} script ${scriptId} (to ${to}) while it is ${from}. Possible: ${possible.join(', ')}.`,
    );
  }
}

/** Somebody else saved the source in the meantime. @publicApi */
export class ScriptConflictError extends ScriptsEventError {
  readonly code = 'script-conflict';
  override readonly category = 'conflict';

  constructor(
    readonly scriptId: string,
    readonly baseVersion: number,
    readonly currentVersion: number,
  ) {
    super(
      `Script ${scriptId} is now at version ${currentVersion}, but this change is based on version ${baseVersion}. Reload the script and apply the change again.`,
    );
  }
}

/** Somebody else changed the script in between: its source, another field or its status. @publicApi */
export class ScriptChangedError extends ScriptsEventError {
  readonly code = 'script-changed';
  override readonly category = 'conflict';

  constructor(
    readonly scriptId: string,
    /** The script's `revision` now. */
    readonly currentRevision: string,
  ) {
    super(
      `Script ${scriptId} was changed by somebody else since it was read. Reload the script and apply the change again.`,
    );
  }
}

/**
 * A script's data is not in memory, and the database is unavailable. Nothing has run.
 *
 * @publicApi
 */
export class ScriptStorageAwayError extends ScriptsEventError {
  readonly code = 'script-storage-away';
  override readonly category = 'unavailable';

  constructor(cause?: unknown) {
    super(
      'The script is not in memory and the database is unavailable. The script can run when the database is back.',
      {
        retryable: true,
        cause,
      },
    );
  }
}
