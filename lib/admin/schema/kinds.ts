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

/** A class of a request or an answer, see `Dto`. */
export interface DtoClass {
  new (): object;
  readonly prototype: object;
  readonly checkedByService: boolean;
}

/** One field of such a class. */
export interface FieldSchema {
  readonly kind: Kind;
  /** What it means, for whoever reads the API's description. */
  readonly description: string;
  /** May be left out. */
  readonly optional: boolean;
  readonly nullable: boolean;
}

/** What a field holds: enough to check it, to read it from a query, and to describe it. */
export type Kind =
  | { readonly is: 'text'; readonly min: number; readonly max: number }
  | { readonly is: 'uuid' | 'moment' | 'flag' | 'json' | 'object' }
  | { readonly is: 'choice'; readonly values: readonly string[] }
  | { readonly is: 'whole'; readonly min: number; readonly max: number }
  | { readonly is: 'number' }
  | { readonly is: 'dto'; readonly type: () => DtoClass }
  | { readonly is: 'list'; readonly of: Kind; readonly max: number };

/** Longest text of an answer: what bounds it is said where it is stored. */
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
/** @param max items; of an answer none is given */
export const list = (of: Kind, max = UNBOUNDED): Kind => ({ is: 'list', of, max });

/** The rules of class-validator that a given value of this kind has to keep. */
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
