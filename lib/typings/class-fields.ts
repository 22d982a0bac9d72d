import { createRequire } from 'node:module';
import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import { type DescribedField, describedFields } from './described-fields.js';

/** One rule of class-validator on a field. */
interface Rule {
  /** `isString`, `isIn`; undefined for something that is not a check. */
  name: string | undefined;
  constraints: unknown[];
}

/** What is known about a field of a class. */
export interface ClassField {
  name: string;
  optional: boolean;
  /** The class that the compiler emitted: `String`, `Array`, a class of the host, or `Object` if it has none. */
  declared: unknown;
  /** The class named by `@Type(() => …)`. */
  nested: Type<object> | undefined;
  /** Rules on the value, and on each element of a list. */
  rules: readonly Rule[];
  elementRules: readonly Rule[];
  /** What \`@nestjs/swagger\` or a new object of the class says about the field. */
  described: DescribedField | undefined;
}

/** The fields of a class, and whether these are all of them. */
export interface ClassFields {
  fields: readonly ClassField[];
  complete: boolean;
}

/** The part of class-transformer's storage that tells what `@Type` names and which fields `@Expose` shows. */
interface TransformerStorage {
  findTypeMetadata(target: unknown, property: string): { typeFunction(): unknown } | undefined;
  getExposedMetadatas(target: unknown): { propertyName: string | undefined }[];
}

const transformer = loadTransformerStorage();

/**
 * class-transformer doesn't export the storage, but every version 0.5 has it under this path. Without it, lists of
 * classes become lists of any.
 */
function loadTransformerStorage(): TransformerStorage | undefined {
  try {
    const loaded = createRequire(__filename)('class-transformer/cjs/storage.js') as {
      defaultMetadataStorage?: TransformerStorage;
    };
    return loaded.defaultMetadataStorage;
  } catch {
    return undefined;
  }
}

/**
 * The fields of a class that is used as an input: those with class-validator decorators, because others are refused.
 */
export const inputFieldsOf = (target: Type<object>): ClassFields => ({
  fields: rulesOf(target),
  complete: true,
});

/**
 * The fields of a class that is used as a result: those named by decorators of class-validator, class-transformer and
 * `@nestjs/swagger`, or by the latter's compiler plugin. For a class that has none of these, the fields of a new
 * object.
 */
export function resultFieldsOf(target: Type<object>): ClassFields {
  const ruled = rulesOf(target);
  const exposed = transformer?.getExposedMetadatas(target) ?? [];
  const named = exposed.flatMap(({ propertyName }) => propertyName ?? []);
  const { fields: described, complete } = describedFields(target);
  const names = new Set([...ruled.map(({ name }) => name), ...named, ...described.keys()]);
  const fields = [...names].map((name): ClassField => {
    const known = ruled.find((field) => field.name === name) ?? unruled(target, name);
    return { ...known, described: described.get(name) };
  });
  return { fields, complete: complete || ruled.length > 0 || named.length > 0 };
}

function rulesOf(target: Type<object>): ClassField[] {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(target, '', true, false);
  const names = [...new Set(metadata.map(({ propertyName }) => propertyName))];
  return names.map((name) => {
    const own = metadata.filter(({ propertyName }) => propertyName === name);
    const rule = ({ name: ruleName, constraints }: (typeof own)[number]): Rule => ({
      name: ruleName,
      constraints: (constraints as unknown[] | undefined) ?? [],
    });
    return {
      ...unruled(target, name),
      optional: own.some(({ type }) => type === 'conditionalValidation'),
      rules: own.filter(({ each }) => !each).map(rule),
      elementRules: own.filter(({ each }) => each).map(rule),
    };
  });
}

function unruled(target: Type<object>, name: string): ClassField {
  const nested = transformer?.findTypeMetadata(target, name)?.typeFunction();
  return {
    name,
    optional: false,
    declared: Reflect.getMetadata('design:type', target.prototype as object, name),
    nested: isClass(nested) ? nested : undefined,
    rules: [],
    elementRules: [],
    described: undefined,
  };
}

const BUILT_IN: readonly unknown[] = [
  String,
  Number,
  Boolean,
  Date,
  BigInt,
  Symbol,
  Array,
  Object,
  Function,
  Promise,
];

/** True for a class of the host. */
export const isClass = (value: unknown): value is Type<object> =>
  typeof value === 'function' && !BUILT_IN.includes(value);
