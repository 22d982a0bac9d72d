import type { FieldSchema, Kind } from './kinds.js';

const SIMPLE = {
  text: { type: () => String },
  uuid: { type: () => String, format: 'uuid' },
  moment: { type: () => String, format: 'date-time' },
  flag: { type: () => Boolean },
  number: { type: () => Number },
  whole: { type: 'integer' },
  object: { type: 'object', additionalProperties: true },
  // Any JSON value. Swagger requires a type, and has none for any value.
  json: { type: 'object', additionalProperties: true },
} as const;

/** A field in the form that `@nestjs/swagger` expects from Nest's compiler plugin. */
export const swaggerProperty = ({ kind, description, optional, nullable }: FieldSchema): object => ({
  required: !optional,
  description,
  ...(nullable ? { nullable: true } : {}),
  ...typeOf(kind),
});

function typeOf(kind: Kind): object {
  switch (kind.is) {
    case 'text':
      return { ...SIMPLE.text, ...lengthsOf(kind) };
    case 'whole':
      return { ...SIMPLE.whole, minimum: kind.min, ...(isBound(kind.max) ? { maximum: kind.max } : {}) };
    case 'choice':
      return { enum: [...kind.values] };
    case 'dto':
      // Swagger takes a function for one that returns a class only if its name is `type`, as here.
      return { type: () => kind.type() };
    case 'list':
      return { ...typeOf(kind.of), isArray: true, ...(isBound(kind.max) ? { maxItems: kind.max } : {}) };
    default:
      return SIMPLE[kind.is];
  }
}

const lengthsOf = ({ min, max }: Extract<Kind, { is: 'text' }>): object => ({
  ...(min > 0 ? { minLength: min } : {}),
  ...(isBound(max) ? { maxLength: max } : {}),
});

/** Whether there is a limit; the largest number stands for none. */
export const isBound = (max: number): boolean => max < Number.MAX_SAFE_INTEGER;
