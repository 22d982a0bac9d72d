import { isRecord } from '../common/json.js';
import { type OptionIssue, ScriptsEventOptionsError } from './options.errors.js';
import { ASYNC_FIELDS, EXTRAS } from './options.validation.js';
import type { ScriptsEventModuleOptions } from './scripts-event.options.js';

const SOURCES = ['useFactory', 'useClass', 'useExisting'] as const;

/**
 * Returns the options if they are an object, given to `forRoot` or computed for `forRootAsync`.
 *
 * @throws ScriptsEventOptionsError for anything else, such as nothing from a factory without `return`
 */
export function requireOptions(given: unknown): ScriptsEventModuleOptions {
  if (isRecord(given)) return given;
  const issue = { option: 'options', value: given, message: 'must be an object' };
  const missing =
    'must be an object: return one from useFactory or createScriptsEventOptions; return {} for the defaults';
  throw new ScriptsEventOptionsError([given === undefined ? { ...issue, message: missing } : issue]);
}

/**
 * Checks that `forRootAsync` was told how to get the options. Nest would notice late, with an unclear message, and
 * ignore unknown fields.
 *
 * @throws ScriptsEventOptionsError
 */
export function checkAsyncOptions(given: unknown): void {
  const options = isRecord(given) ? given : {};
  const issues = [...sourceIssues(options), ...listIssues(options), ...strangers(options)];
  if (issues.length > 0) throw new ScriptsEventOptionsError(issues);
}

function sourceIssues(options: Record<string, unknown>): OptionIssue[] {
  const sources = SOURCES.filter((name) => options[name] !== undefined);
  if (sources.length !== 1)
    return [
      {
        option: 'forRootAsync',
        message: `needs exactly one of ${SOURCES.join(', ')}, but has ${sources.join(' and ') || 'none'}; use forRoot() for options that need no factory`,
      },
    ];
  const { useFactory } = options;
  if (sources[0] !== 'useFactory' || typeof useFactory === 'function') return [];
  return [
    { option: 'useFactory', value: useFactory, message: 'must be a function that returns the options' },
  ];
}

const listIssues = (options: Record<string, unknown>): OptionIssue[] =>
  (['inject', 'imports'] as const)
    .filter((name) => options[name] !== undefined && !Array.isArray(options[name]))
    .map((name) => ({
      option: name,
      value: options[name],
      message: name === 'inject' ? 'must be a list of providers' : 'must be a list of modules',
    }));

const strangers = (options: Record<string, unknown>): OptionIssue[] =>
  Object.keys(options)
    .filter((name) => !ASYNC_FIELDS.includes(name) && !EXTRAS.includes(name))
    .map((name) => ({
      option: name,
      message:
        'is not a field of forRootAsync(); return options from useFactory or createScriptsEventOptions',
    }));
