import type { Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validate, type ValidationError } from 'class-validator';
import { BindingCallError } from '../common/binding-call.error.js';
import { isRecord, type JsonValue } from '../common/json.js';

/**
 * Most values of one input, at all levels. Creating and checking an instance takes up to 10 µs for each value and
 * blocks the host meanwhile.
 */
const MOST_VALUES = 10_000;
/** Most problems of an input that are reported at once, and most characters of each. */
const MOST_PROBLEMS = 5;
const MOST_CHARACTERS = 200;

/** False for a class without a single rule: a check against it would refuse every field. */
export const hasRules = (inputClass: Type<object>): boolean =>
  getMetadataStorage().getTargetValidationMetadatas(inputClass, '', false, false).length > 0;

/**
 * The input as an instance of its class.
 *
 * @throws BindingCallError with code `invalid-input`, naming the fields and what to change
 */
export async function readInput(
  binding: string,
  inputClass: Type<object>,
  input: JsonValue,
): Promise<object> {
  if (!isRecord(input)) throw invalid(binding, [`expected an object, got ${kindOf(input)}`]);
  if (valuesIn(input) > MOST_VALUES)
    throw invalid(binding, [`the input has more than ${MOST_VALUES} values, counting every level`]);
  const instance = plainToInstance(inputClass, input);
  const errors = await validate(instance, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    // The input belongs to the tenant: its values must not appear in a stored error.
    validationError: { target: false, value: false },
  });
  if (errors.length > 0) throw invalid(binding, problemsOf(errors, ''));
  return instance;
}

/** The number of values in the input. Stops counting soon after the limit. */
function valuesIn(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Array.isArray(value) ? value : Object.values(value);
  let count = inner.length;
  for (let at = 0; at < inner.length && count <= MOST_VALUES; at++) count += valuesIn(inner[at]!);
  return count;
}

function invalid(binding: string, problems: readonly string[]): BindingCallError {
  const told = problems.slice(0, MOST_PROBLEMS).map(shorten);
  const more = problems.length - told.length;
  const rest = more > 0 ? `; and ${more} more` : '';
  return new BindingCallError('invalid-input', `${binding}: ${told.join('; ')}${rest}`);
}

/**
 * Every problem with the path of its field. A message of class-validator begins with the field's name, without its
 * path.
 */
function problemsOf(errors: readonly ValidationError[], parent: string): string[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const own = Object.entries(constraints).map(([rule, message]) =>
      rule === 'whitelistValidation'
        ? `unknown field ${parent}${property}; remove it`
        : `${parent}${message}`,
    );
    return [...own, ...problemsOf(children, `${parent}${property}.`)];
  });
}

const shorten = (text: string): string =>
  text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;

function kindOf(value: JsonValue): string {
  if (value === null) return 'nothing';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
