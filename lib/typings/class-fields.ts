import { createRequire } from 'node:module';
import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';

/** One rule of class-validator on a field. */
interface Rule {
  /** `isString`, `isIn`; undefined for what is no check. */
  name: string | undefined;
  constraints: unknown[];
}

/** What decorators tell of a field of a class. */
export interface ClassField {
  name: string;
  optional: boolean;
  /** The class the compiler left: `String`, `Array`, a class of the host; `Object` for what has none. */
  declared: unknown;
  /** The class named by `@Type(() => …)`. */
  nested: Type<object> | undefined;
  /** Rules on the value, and on each element of a list. */
  rules: readonly Rule[];
  elementRules: readonly Rule[];
}

/** Where class-transformer keeps what `@Type` names. */
interface TypeStorage {
  findTypeMetadata(target: unknown, property: string): { typeFunction(): unknown } | undefined;
}

const typesNamed = loadTypeStorage();

/** Not among its exports, and under this path in every version of 0.5: without it, lists of classes are lists of any. */
function loadTypeStorage(): TypeStorage | undefined {
  try {
    const loaded = createRequire(__filename)('class-transformer/cjs/storage.js') as {
      defaultMetadataStorage?: TypeStorage;
    };
    return loaded.defaultMetadataStorage;
  } catch {
    return undefined;
  }
}

/** The fields of a class that have decorators of class-validator, in their order; nothing else of it can be known. */
export function fieldsOf(target: Type<object>): ClassField[] {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(target, '', true, false);
  const names = [...new Set(metadata.map(({ propertyName }) => propertyName))];
  return names.map((name) => {
    const own = metadata.filter(({ propertyName }) => propertyName === name);
    const rule = ({ name: ruleName, constraints }: (typeof own)[number]): Rule => ({
      name: ruleName,
      constraints: (constraints as unknown[] | undefined) ?? [],
    });
    const nested = typesNamed?.findTypeMetadata(target, name)?.typeFunction();
    return {
      name,
      optional: own.some(({ type }) => type === 'conditionalValidation'),
      declared: Reflect.getMetadata('design:type', target.prototype as object, name),
      nested: isClass(nested) ? nested : undefined,
      rules: own.filter(({ each }) => !each).map(rule),
      elementRules: own.filter(({ each }) => each).map(rule),
    };
  });
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
