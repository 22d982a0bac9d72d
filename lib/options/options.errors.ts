import { ScriptsEventError } from '../common/errors.js';
import { printable, valueInWords } from '../common/printable.js';

/** One invalid option. @publicApi */
export interface OptionIssue {
  /** Dotted name, `buffer.size`. */
  option: string;
  /** The environment variable that it came from; absent if it was set in code. */
  variable?: string;
  /** The value; `(hidden)` for a secret, absent for an unknown name. */
  value?: unknown;
  /** What the value must be. */
  message: string;
}

/**
 * Options are invalid; the error lists all of them. Thrown when the application starts.
 *
 * @publicApi
 */
export class ScriptsEventOptionsError extends ScriptsEventError {
  readonly code = 'invalid-options';

  constructor(readonly issues: readonly OptionIssue[]) {
    const lines = issues.map((issue) => printable(lineOf(issue)));
    super(["ScriptsEventModule can't start. Fix these options:", ...lines].join('\n'), {
      wording: 'lines',
    });
  }
}

function lineOf(issue: OptionIssue): string {
  const name = issue.variable === undefined ? issue.option : `${issue.option} (${issue.variable})`;
  return `- ${name}${'value' in issue ? ` = ${inWords(issue.value)}:` : ''} ${issue.message}`;
}

/** A value as short text; of an object only its kind, never its content. */
function inWords(value: unknown): string {
  if (typeof value === 'string') return value === HIDDEN ? value : JSON.stringify(shorten(value));
  return Array.isArray(value) && value.length <= LISTED && value.every(isText)
    ? shorten(JSON.stringify(value.map(shorten)))
    : valueInWords(value);
}

/** Lists of up to this many texts are shown. */
const LISTED = 20;

const isText = (value: unknown): value is string => typeof value === 'string';

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** Shown in place of a secret's value. */
export const HIDDEN = '(hidden)';
