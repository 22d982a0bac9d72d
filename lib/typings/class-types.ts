import type { Type } from '@nestjs/common';
import { type ClassField, inputFieldsOf, isClass, resultFieldsOf } from './class-fields.js';
import type { DescribedField } from './described-fields.js';
import { literal, propertyName } from './declaration.text.js';

/** The direction of values: a script may pass a `Date`, which travels as text, and gets text back. */
export type Direction = 'input' | 'result';

/** Names of rules that imply a type if the compiler emitted none. */
const RULE_TYPES: readonly [RegExp, string][] = [
  [/^(isNumber|isInt|isPositive|isNegative|min|max|isDivisibleBy)$/, 'number'],
  [/^isBoolean$/, 'boolean'],
  [/^(minDate|maxDate|isDate)$/, 'Date'],
  [/^isArray$/, 'any[]'],
  [/^isObject$/, '{ [name: string]: any }'],
  [/^(is[A-Z]\w*|length|minLength|maxLength|matches|contains)$/, 'string'],
];
/** Rules whose names look like those of rules for text but that imply no type. */
const SILENT = /^(isDefined|isNotEmpty|isEmpty|isOptional|isInstance|isNotIn|isIn|isEnum|isNotEmptyObject)$/;

const SCALARS = new Map<unknown, string>([
  [String, 'string'],
  [Number, 'number'],
  [Boolean, 'boolean'],
  [BigInt, 'string'],
  ['string', 'string'],
  ['number', 'number'],
  ['integer', 'number'],
  ['boolean', 'boolean'],
]);

/** The classes of bindings as interfaces in one namespace, each written once. */
export class ClassTypes {
  private readonly names = new Map<string, string>();
  private readonly taken = new Map<Type<object>, Partial<Record<Direction, string>>>();

  /** The name of a class in the types of scripts. */
  refer(target: Type<object>, direction: Direction): string {
    const known = this.taken.get(target)?.[direction];
    if (known !== undefined) return known;
    const name = this.freeName(target.name || 'Anonymous');
    this.taken.set(target, { ...this.taken.get(target), [direction]: `BindingTypes.${name}` });
    // Taken before the fields are written, because a class may refer to itself.
    this.names.set(name, '');
    this.names.set(name, this.write(name, target, direction));
    return `BindingTypes.${name}`;
  }

  /** The namespace, or an empty text if no class was used. */
  toString(): string {
    if (this.names.size === 0) return '';
    return `declare namespace BindingTypes {\n${[...this.names.values()].join('\n')}}\n`;
  }

  private freeName(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.names.has(name); number++) name = `${wanted}${number}`;
    return name;
  }

  private write(name: string, target: Type<object>, direction: Direction): string {
    const { fields, complete } = direction === 'input' ? inputFieldsOf(target) : resultFieldsOf(target);
    const lines = fields.map((field) => {
      const mark = field.optional || field.described?.optional ? '?' : '';
      return `    ${propertyName(field.name)}${mark}: ${this.typeOf(field, direction)};\n`;
    });
    // The class may have more fields, of which nothing is known.
    if (lines.length === 0 || !complete) lines.push('    [name: string]: any;\n');
    return `  interface ${name} {\n${lines.join('')}  }\n`;
  }

  private typeOf(field: ClassField, direction: Direction): string {
    const { declared, nested, rules, elementRules, described } = field;
    const told = described && this.describedType(described, nested, direction);
    if (told !== undefined) return told;
    if (declared === Array || elementRules.length > 0) {
      const element = nested ? this.classType(nested, direction) : ruleType(elementRules, direction);
      return listOf(element ?? 'any');
    }
    const limited = choices(rules);
    if (limited !== undefined) return limited;
    if (isClass(nested ?? declared)) return this.classType((nested ?? declared) as Type<object>, direction);
    if (declared === Date || nested === Date) return dateType(direction);
    return SCALARS.get(declared) ?? ruleType(rules, direction) ?? (described?.isList ? 'any[]' : 'any');
  }

  /** Undefined if the description only says that there is a value. */
  private describedType(
    { type, isList, choices: values, nullable }: DescribedField,
    nested: Type<object> | undefined,
    direction: Direction,
  ): string | undefined {
    const one = values ? unionOf(values) : this.knownType(type, direction);
    const single = one ?? (nested && this.classType(nested, direction));
    if (single === undefined) return undefined;
    return `${isList ? listOf(single) : single}${nullable ? ' | null' : ''}`;
  }

  private knownType(type: unknown, direction: Direction): string | undefined {
    if (type === Date) return dateType(direction);
    return SCALARS.get(type) ?? (isClass(type) ? this.classType(type, direction) : undefined);
  }

  private classType(target: Type<object>, direction: Direction): string {
    return this.refer(target, direction);
  }
}

const listOf = (element: string): string => (/[ |]/.test(element) ? `(${element})[]` : `${element}[]`);

const dateType = (direction: Direction): string => (direction === 'input' ? 'string | Date' : 'string');

const unionOf = (values: readonly unknown[]): string => [...new Set(values.map(literal))].join(' | ');

function choices(rules: ClassField['rules']): string | undefined {
  for (const { name, constraints } of rules) {
    const values = name === 'isEnum' ? constraints[1] : name === 'isIn' ? constraints[0] : undefined;
    if (Array.isArray(values) && values.length > 0) return unionOf(values);
  }
  return undefined;
}

function ruleType(rules: ClassField['rules'], direction: Direction): string | undefined {
  const limited = choices(rules);
  if (limited !== undefined) return limited;
  for (const { name = '' } of rules) {
    if (SILENT.test(name)) continue;
    const found = RULE_TYPES.find(([names]) => names.test(name));
    if (found) return found[1] === 'Date' ? dateType(direction) : found[1];
  }
  return undefined;
}
