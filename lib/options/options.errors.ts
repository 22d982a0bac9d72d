import { ScriptsEventError } from '../common/errors.js';

/** One option that is wrong. @publicApi */
export interface OptionIssue {
  /** Dotted name, `buffer.size`. */
  option: string;
  /** The environment variable it came from; absent when it was given in code. */
  variable?: string;
  /** The value that was given; `(hidden)` for a secret, absent for a name that is no option. */
  value?: unknown;
  /** What the value must be. */
  message: string;
}

/**
 * Options that cannot work, all of them at once. Thrown when the application starts.
 *
 * @publicApi
 */
export class ScriptsEventOptionsError extends ScriptsEventError {
  readonly code = 'invalid-options';

  constructor(readonly issues: readonly OptionIssue[]) {
    super(`ScriptsEventModule cannot start, its options need a change:\n${issues.map(lineOf).join('\n')}`);
  }
}

function lineOf(issue: OptionIssue): string {
  const name = issue.variable === undefined ? issue.option : `${issue.option} (${issue.variable})`;
  return `- ${name}${'value' in issue ? ` = ${inWords(issue.value)}:` : ''} ${issue.message}`;
}

/** A value as a person recognises it, short, and never the inside of an object. */
function inWords(value: unknown): string {
  if (typeof value === 'string') return value === HIDDEN ? value : JSON.stringify(shorten(value));
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return value.every(isText) ? shorten(JSON.stringify(value)) : 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

const isText = (value: unknown): boolean => typeof value === 'string';

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** Stands for the value of a secret. */
export const HIDDEN = '(hidden)';
