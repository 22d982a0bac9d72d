import 'reflect-metadata';
import { isAbsolute } from 'node:path';
import { ValidateBy, ValidateIf } from 'class-validator';
import { exactDuration, LONGEST_TIMER_MS, parseDuration } from '../common/duration.js';
import { isRecord } from '../common/json.js';
import { areSecretKeys, SECRET_KEYS_RULE } from './secret-keys.js';

/** How the text of an environment variable is converted to the option's value. */
export type OptionKind = 'number' | 'duration' | 'age' | 'flag' | 'text' | 'list' | 'json' | 'code';

/** What is known about an option besides its name and default. */
export interface OptionRule {
  kind: OptionKind;
  /** The accepted values, in words that follow "must be". */
  allowed: string;
  /** Whether the value must not appear in messages and logs. */
  secret: boolean;
}

/** Stands for an age that no row reaches. */
export const NEVER = 'never';

const RULE = Symbol('scripts-event:option-rule');

/** The rule of a field of an option class; `undefined` for a field that is not an option. */
export const ruleOf = (optionClass: object, field: string): OptionRule | undefined =>
  Reflect.getMetadata(RULE, optionClass, field) as OptionRule | undefined;

/** Accepts `undefined`, but not null. */
export const MayBeUndefined = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

/** A whole number in a range, bounds included. */
export const WholeNumber = (min: number, max: number): PropertyDecorator =>
  option(
    'wholeNumber',
    { kind: 'number', allowed: `a whole number from ${min} to ${max}` },
    (value) => Number.isInteger(value) && inRange(value as number, min, max),
  );

/** A number in a range, bounds included. */
export const DecimalNumber = (min: number, max: number): PropertyDecorator =>
  option(
    'decimalNumber',
    { kind: 'number', allowed: `a number from ${min} to ${max}` },
    (value) => typeof value === 'number' && inRange(value, min, max),
  );

/** A `Duration` in a range, bounds included. */
export const DurationBetween = (min: string, max: string): PropertyDecorator => {
  const [low, high] = [parseDuration(min) ?? 0, Math.min(parseDuration(max) ?? 0, LONGEST_TIMER_MS)];
  return option(
    'duration',
    {
      kind: 'duration',
      allowed: `a duration from ${exactDuration(low)} to ${exactDuration(high)}, in milliseconds or as text such as 500ms, 30s, 1m, 1h`,
    },
    (value) => inRange(parseDuration(value) ?? Number.NaN, low, high),
  );
};

/** A length of time in a range, bounds included, or {@link NEVER}. No timer waits for it, so it may be years. */
export const Age = (min: string, max: string): PropertyDecorator => {
  const [low, high] = [parseDuration(min) ?? 0, parseDuration(max) ?? 0];
  return option(
    'age',
    {
      kind: 'age',
      allowed: `a duration from ${exactDuration(low)} to ${exactDuration(high)}, in milliseconds or as text such as 12h, 30d, or "${NEVER}"`,
    },
    (value) => value === NEVER || inRange(parseDuration(value) ?? Number.NaN, low, high),
  );
};

/** True or false. */
export const Flag = (): PropertyDecorator =>
  option('flag', { kind: 'flag', allowed: 'true or false' }, (value) => typeof value === 'boolean');

/** One of these words. */
export const OneOf = (...words: readonly string[]): PropertyDecorator =>
  option('oneOf', { kind: 'text', allowed: words.map((word) => `"${word}"`).join(' or ') }, (value) =>
    words.includes(value as string),
  );

/** Text that is not empty and has up to `maxLength` characters; `form` restricts which. */
export const Text = (maxLength: number, form = /[^]/): PropertyDecorator =>
  option(
    'text',
    { kind: 'text', allowed: `text of 1 to ${maxLength} characters` },
    (value) =>
      typeof value === 'string' && value.trim() !== '' && value.length <= maxLength && form.test(value),
  );

/** An absolute path. */
export const AbsolutePath = (): PropertyDecorator =>
  option(
    'absolutePath',
    { kind: 'text', allowed: 'an absolute path of at most 4096 characters' },
    (value) =>
      typeof value === 'string' && value.length <= 4_096 && !value.includes('\0') && isAbsolute(value),
  );

/** A list of up to 1,000 different texts; in the environment, separated by commas. */
export const ListOf = (what: string, isOne: (value: unknown) => boolean): PropertyDecorator =>
  option(
    'listOf',
    { kind: 'list', allowed: `a list of ${what}` },
    (value) =>
      Array.isArray(value) &&
      value.length <= 1_000 &&
      new Set(value).size === value.length &&
      value.every(isOne),
  );

/** Keys of secrets, the one that seals first; in the environment, separated by commas. Never shown. */
export const SecretKeys = (): PropertyDecorator =>
  option('secretKeys', { kind: 'list', allowed: SECRET_KEYS_RULE, secret: true }, areSecretKeys);

/** A name in PostgreSQL that needs no quotes. */
export const SqlName = (maxLength: number): PropertyDecorator =>
  option(
    'sqlName',
    {
      kind: 'text',
      allowed: `a name of 1 to ${maxLength} lower-case letters, digits and underscores that doesn't start with a digit`,
    },
    (value) => typeof value === 'string' && value.length <= maxLength && /^[a-z_][a-z0-9_]*$/.test(value),
  );

/** An http or https address. Never shown, because a webhook's address often contains its password. */
export const HttpUrl = (): PropertyDecorator =>
  option('httpUrl', { kind: 'text', allowed: 'an http:// or https:// address', secret: true }, isHttpUrl);

/** HTTP headers, as an object whose values are texts. Never shown. */
export const HttpHeaders = (): PropertyDecorator =>
  option(
    'httpHeaders',
    {
      kind: 'json',
      allowed: 'an object of HTTP header names and text values without line breaks',
      secret: true,
    },
    (value) => isRecord(value) && Object.entries(value).every(isHeader),
  );

/**
 * A value that only code can give: a function, a class, an instance. `blame` says which part of a wrong value is wrong.
 */
export const Code = (
  allowed: string,
  check: (value: unknown) => boolean,
  blame: (value: unknown) => string = () => '',
): PropertyDecorator => option('code', { kind: 'code', allowed }, check, blame);

/**
 * An implementation by the host: a class among its providers, or an instance with these methods.
 *
 * @param port `a` or `an` and the name of the port
 */
export function Implementation(port: string, methods: readonly string[]): PropertyDecorator {
  const lacked = (value: unknown): string[] =>
    methods.filter((method) => typeof (value as Record<string, unknown>)[method] !== 'function');
  return Code(
    `${port}: an instance or a class`,
    (value) => typeof value === 'function' || (isRecord(value) && lacked(value).length === 0),
    (value) => (isRecord(value) ? `; this has no method ${lacked(value).join(', ')}` : ''),
  );
}

function option(
  name: string,
  rule: Omit<OptionRule, 'secret'> & { secret?: boolean },
  validate: (value: unknown) => boolean,
  blame: (value: unknown) => string = () => '',
): PropertyDecorator {
  const check = ValidateBy({
    name,
    validator: {
      validate,
      defaultMessage: (wrong) => `must be ${rule.allowed}${blame(wrong?.value)}`,
    },
  });
  return (target, field) => {
    Reflect.defineMetadata(RULE, { secret: false, ...rule }, target, field);
    check(target, field);
  };
}

const inRange = (value: number, min: number, max: number): boolean => value >= min && value <= max;

function isHttpUrl(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

// RFC 9110, sections 5.1 and 5.5: a header name is a token; a value has no line break, which would begin a new header.
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const isHeader = ([name, value]: [string, unknown]): boolean =>
  HEADER_NAME.test(name) && typeof value === 'string' && !/[\r\n\0]/.test(value);
