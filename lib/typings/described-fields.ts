import 'reflect-metadata';
import type { Type } from '@nestjs/common';

/** What is known about a field of a class in addition to its rules. */
export interface DescribedField {
  /** A built-in class, a class of the host, or the name of a JSON Schema type; undefined if unknown. */
  type: unknown;
  isList: boolean;
  choices: readonly unknown[] | undefined;
  optional: boolean;
  nullable: boolean;
}

/** A field as `@nestjs/swagger` stores it. */
interface SwaggerProperty {
  type?: unknown;
  isArray?: boolean;
  enum?: unknown;
  required?: boolean;
  nullable?: boolean;
}

/** The method that the compiler plugin of `@nestjs/swagger` writes into a class. */
const PLUGIN_METHOD = '_OPENAPI_METADATA_FACTORY';
/** Where the decorators of `@nestjs/swagger` store the names of the fields, and the description of each. */
const SWAGGER_NAMES = 'swagger/apiModelPropertiesArray';
const SWAGGER_PROPERTY = 'swagger/apiModelProperties';

/**
 * What the compiler plugin and the decorators of `@nestjs/swagger` say about a class. Without them, the fields of a new
 * object of the class; some may be missing. The TypeScript settings of a new Nest project keep fields without a value,
 * so that their names are known.
 */
export function describedFields(target: Type<object>): {
  fields: Map<string, DescribedField>;
  complete: boolean;
} {
  const found = new Map([...plannedProperties(target), ...swaggerProperties(target)]);
  const fields = new Map([...found].map(([name, property]) => [name, readProperty(property)]));
  if (fields.size > 0) return { fields, complete: true };
  return { fields: fieldsOfNew(target), complete: false };
}

function* plannedProperties(target: Type<object>): Generator<[string, SwaggerProperty]> {
  // Classes nearer to the target come later and win.
  const parent = Object.getPrototypeOf(target) as Type<object> | null;
  if (typeof parent === 'function') yield* plannedProperties(parent);
  if (!Object.hasOwn(target, PLUGIN_METHOD)) return;
  const properties = (target as unknown as Record<string, () => Record<string, SwaggerProperty>>)[
    PLUGIN_METHOD
  ]?.();
  yield* Object.entries(properties ?? {});
}

function* swaggerProperties({ prototype }: Type<object>): Generator<[string, SwaggerProperty]> {
  const names = (Reflect.getMetadata(SWAGGER_NAMES, prototype as object) ?? []) as string[];
  for (const marked of names) {
    const name = marked.slice(1);
    const property = Reflect.getMetadata(SWAGGER_PROPERTY, prototype as object, name) as
      SwaggerProperty | undefined;
    if (property) yield [name, property];
  }
}

function readProperty({ type, isArray, enum: choices, required, nullable }: SwaggerProperty): DescribedField {
  const named = called(type);
  return {
    type: Array.isArray(named) ? named[0] : named,
    isList: isArray === true || Array.isArray(named),
    choices: choicesOf(called(choices)),
    optional: required === false,
    nullable: nullable === true,
  };
}

/**
 * Calls a function that only returns the value. Such a function is named after its property; no class has that name.
 */
function called(value: unknown): unknown {
  if (typeof value !== 'function' || (value.name !== 'type' && value.name !== 'enum')) return value;
  try {
    return (value as () => unknown)();
  } catch {
    // The function may load a file of the host, and that may fail. The type is then unknown.
    return undefined;
  }
}

/** The values of a list or of a TypeScript enum, which also maps its numbers to their names. */
function choicesOf(choices: unknown): readonly unknown[] | undefined {
  if (Array.isArray(choices)) return choices;
  if (typeof choices !== 'object' || choices === null) return undefined;
  return Object.entries(choices)
    .filter(([name]) => Number.isNaN(Number(name)))
    .map(([, value]) => value as unknown);
}

function fieldsOfNew(target: Type<object>): Map<string, DescribedField> {
  const rest = { isList: false, choices: undefined, optional: false, nullable: false };
  return new Map(
    Object.entries(newOf(target)).map(([name, value]: [string, unknown]) => [
      name,
      Array.isArray(value)
        ? { ...rest, type: undefined, isList: true }
        : { ...rest, type: (value as object | null | undefined)?.constructor },
    ]),
  );
}

/** Most data classes need no constructor arguments. The fields of others stay unknown. */
function newOf(target: Type<object>): object {
  try {
    return new target();
  } catch {
    return {};
  }
}
