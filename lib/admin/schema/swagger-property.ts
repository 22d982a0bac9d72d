import type { FieldSchema, Kind } from './kinds.js';

const SIMPLE = {
  text: { type: () => String },
  uuid: { type: () => String, format: 'uuid' },
  moment: { type: () => String, format: 'date-time' },
  flag: { type: () => Boolean },
  number: { type: () => Number },
  whole: { type: 'integer' },
  object: { type: 'object', additionalProperties: true },
  // Of any type: an empty schema.
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
      // Swagger tells a function that returns a class from a class by its name, which is `type` here.
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

/** Whether a limit is given, and not merely the largest number. */
export const isBound = (max: number): boolean => max < Number.MAX_SAFE_INTEGER;
