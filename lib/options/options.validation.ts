import { validateSync, type ValidationError } from 'class-validator';
import { isRecord } from '../common/json.js';
import { ruleOf } from './option.decorators.js';
import { OPTION_VARIABLES, type OptionPath, splitPath } from './options.env.js';
import { HIDDEN, type OptionIssue } from './options.errors.js';
import { type OptionGroup, ScriptsEventOptions } from './scripts-event.options.js';
import { unknownAmong } from './unknown-names.js';

/** Finds unknown options and groups, and groups that are not objects. */
export function findUnknownOptions(options: unknown): OptionIssue[] {
  if (options === undefined) return [];
  if (!isRecord(options)) return [{ option: 'options', value: options, message: 'must be an object' }];
  const known = new ScriptsEventOptions();
  const issues = unknownNames(options, known, '');
  for (const group of Object.keys(known) as (keyof ScriptsEventOptions)[]) {
    const given = options[group];
    if (group === 'shutdownTimeout' || given === undefined) continue;
    if (isRecord(given)) issues.push(...unknownNames(given, known[group], `${group}.`));
    else
      issues.push({
        option: group,
        value: hasSecret(known[group]) ? HIDDEN : given,
        message: 'must be an object',
      });
  }
  return issues;
}

function unknownNames(given: Record<string, unknown>, group: object, prefix: string): OptionIssue[] {
  const names = Object.keys(group);
  const unknown = unknownAmong(
    Object.keys(given).filter((name) => !names.includes(name)),
    names,
  );
  const issues: OptionIssue[] = unknown.listed.map(({ shown, near }) => {
    if (prefix === '' && EXTRAS.includes(shown)) return { option: shown, message: BESIDE };
    const known = near === undefined ? `allowed: ${names.join(', ')}` : `did you mean ${prefix}${near}?`;
    const hint = prefix === '' && ASYNC_FIELDS.includes(shown) ? 'pass it to forRootAsync()' : known;
    // Without its value, because a misspelt option may be a secret.
    return { option: `${prefix}${shown}`, message: `is not an option; ${hint}` };
  });
  if (unknown.more > 0) {
    const place = prefix === '' ? 'options' : prefix.slice(0, -1);
    issues.push({ option: place, message: `has ${unknown.more} more unknown options` });
  }
  return issues;
}

/**
 * Fields that the module needs before any option is computed. `forRoot` and `forRootAsync` take them out of their
 * argument.
 */
export const EXTRAS: readonly string[] = ['isGlobal', 'dataSource'];

const BESIDE =
  "can't be returned by a factory, because the module needs it earlier: set it beside useFactory, " +
  "useClass or useExisting, as in forRootAsync({ dataSource: 'its name', useFactory: … })";

/** Further fields of `forRootAsync`, beside {@link EXTRAS}. */
export const ASYNC_FIELDS: readonly string[] = [
  'imports',
  'inject',
  'useFactory',
  'useClass',
  'useExisting',
  'provideInjectionTokensFrom',
];

const hasSecret = (group: object): boolean =>
  Object.keys(group).some((field) => ruleOf(group, field)?.secret);

/**
 * Finds values of a wrong type or outside their range. `fromEnvironment` has the options whose values came from a
 * variable.
 */
export function findInvalidOptions(
  options: ScriptsEventOptions,
  fromEnvironment: ReadonlySet<OptionPath>,
): OptionIssue[] {
  const errors = validateSync(options, { validationError: { target: false } });
  return errors.flatMap((error) => issuesOf(error, options, fromEnvironment));
}

function issuesOf(
  error: ValidationError,
  options: ScriptsEventOptions,
  fromEnvironment: ReadonlySet<OptionPath>,
  parent = '',
): OptionIssue[] {
  const path = `${parent}${error.property}` as OptionPath;
  const nested = (error.children ?? []).flatMap((child) =>
    issuesOf(child, options, fromEnvironment, `${path}.`),
  );
  const own = Object.values(error.constraints ?? {}).map((message) =>
    issueFor(path, error.value, message, options, fromEnvironment),
  );
  return [...own, ...nested];
}

/** An issue of a known option. It names the variable if the value came from there, and hides the value of a secret. */
export function issueFor(
  path: OptionPath,
  value: unknown,
  message: string,
  options: ScriptsEventOptions,
  fromEnvironment: ReadonlySet<OptionPath>,
): OptionIssue {
  const [group, field] = splitPath(path);
  const secret = ruleOf(group === null ? options : groupOf(options, group), field)?.secret ?? false;
  const variable = fromEnvironment.has(path) ? OPTION_VARIABLES[path] : null;
  return {
    option: path,
    ...(variable === null ? {} : { variable }),
    value: secret ? HIDDEN : value,
    message,
  };
}

const groupOf = (options: ScriptsEventOptions, group: OptionGroup): object => options[group];
