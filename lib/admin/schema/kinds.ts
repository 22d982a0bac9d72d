import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsDate,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  IsUUID,
  MaxLength,
  Max,
  Min,
  MinLength,
  type ValidationOptions,
} from 'class-validator';

/** A class of a request or a response, see `Dto`. */
export interface DtoClass {
  new (): object;
  readonly prototype: object;
  readonly checkedByService: boolean;
}

/** A field of such a class. */
export interface FieldSchema {
  readonly kind: Kind;
  /** What the field means, for readers of the API's description. */
  readonly description: string;
  /** Whether it may be left out. */
  readonly optional: boolean;
  readonly nullable: boolean;
}

/** The type of a field: enough to check it, to read it from a query, and to describe it. */
export type Kind =
  | { readonly is: 'text'; readonly min: number; readonly max: number }
  | { readonly is: 'uuid' | 'moment' | 'flag' | 'json' | 'object' }
  | { readonly is: 'choice'; readonly values: readonly string[] }
  | { readonly is: 'whole'; readonly min: number; readonly max: number }
  | { readonly is: 'number' }
  | { readonly is: 'dto'; readonly type: () => DtoClass }
  | { readonly is: 'list'; readonly of: Kind; readonly max: number };

/** For text in a response, which is limited where it is stored. */
const UNBOUNDED = Number.MAX_SAFE_INTEGER;

export const text = (max = UNBOUNDED, min = 0): Kind => ({ is: 'text', min, max });
export const uuid = (): Kind => ({ is: 'uuid' });
/** ISO 8601 in JSON, a `Date` in a handler. */
export const moment = (): Kind => ({ is: 'moment' });
export const flag = (): Kind => ({ is: 'flag' });
/** Any JSON value. */
export const json = (): Kind => ({ is: 'json' });
/** A JSON object with any fields. */
export const object = (): Kind => ({ is: 'object' });
export const choice = (values: readonly string[]): Kind => ({ is: 'choice', values });
export const whole = (min = 0, max = UNBOUNDED): Kind => ({ is: 'whole', min, max });
export const number = (): Kind => ({ is: 'number' });
export const dto = (type: () => DtoClass): Kind => ({ is: 'dto', type });
/** @param max maximum number of items; none is given for a response */
export const list = (of: Kind, max = UNBOUNDED): Kind => ({ is: 'list', of, max });

/** The class-validator rules for values of this kind. */
export function rulesOf(kind: Kind, options: ValidationOptions = {}): PropertyDecorator[] {
  switch (kind.is) {
    case 'text':
      return [
        IsString(options),
        MaxLength(kind.max, options),
        ...(kind.min > 0 ? [MinLength(kind.min, options)] : []),
      ];
    case 'uuid':
      return [IsUUID(undefined, options)];
    case 'moment':
      return [IsDate(options)];
    case 'flag':
      return [IsBoolean(options)];
    case 'choice':
      return [IsIn(kind.values, options)];
    case 'whole':
      return [IsInt(options), Min(kind.min, options), Max(kind.max, options)];
    case 'object':
    case 'dto':
      return [IsObject(options)];
    case 'list':
      return [
        IsArray(),
        ArrayMinSize(1),
        ArrayMaxSize(kind.max),
        ...rulesOf(kind.of, { ...options, each: true }),
      ];
    case 'json':
    case 'number':
      // Only responses have numbers, and any JSON is allowed.
      return [];
    default: {
      const rest: never = kind;
      return rest;
    }
  }
}
