import { fieldsOf } from './dto.js';
import type { DtoClass, FieldSchema, Kind } from './kinds.js';
import { isBound } from './swagger-property.js';

type Schema = Record<string, unknown>;

/**
 * Collects the schemas of a document: each class once, under its name. JSON Schema 2020-12, as OpenAPI 3.1 requires.
 */
export class JsonSchemas {
  readonly components: Record<string, Schema> = {};
  private readonly known = new Map<string, DtoClass>();

  /** A reference to the schema of a class. */
  reference(type: DtoClass): Schema {
    const { name } = type;
    const known = this.known.get(name);
    if (known === undefined) {
      this.known.set(name, type);
      this.components[name] = this.objectOf(type);
    } else if (known !== type) throw new TypeError(`two classes of the API are named ${name}`);
    return { $ref: `#/components/schemas/${name}` };
  }

  /** The schema of a field's value, without its description. */
  ofKind(kind: Kind): Schema {
    switch (kind.is) {
      case 'text':
        return {
          type: 'string',
          ...(kind.min > 0 ? { minLength: kind.min } : {}),
          ...(isBound(kind.max) ? { maxLength: kind.max } : {}),
        };
      case 'uuid':
        return { type: 'string', format: 'uuid' };
      case 'moment':
        return { type: 'string', format: 'date-time' };
      case 'flag':
        return { type: 'boolean' };
      case 'json':
        return {};
      case 'object':
        return { type: 'object', additionalProperties: true };
      case 'choice':
        return { type: 'string', enum: [...kind.values] };
      case 'whole':
        return { type: 'integer', minimum: kind.min, ...(isBound(kind.max) ? { maximum: kind.max } : {}) };
      case 'number':
        return { type: 'number' };
      case 'dto':
        return this.reference(kind.type());
      case 'list':
        return {
          type: 'array',
          items: this.ofKind(kind.of),
          ...(isBound(kind.max) ? { maxItems: kind.max } : {}),
        };
      default: {
        const rest: never = kind;
        return rest;
      }
    }
  }

  private objectOf(type: DtoClass): Schema {
    const fields = [...fieldsOf(type)];
    const required = fields.filter(([, { optional }]) => !optional).map(([name]) => name);
    return {
      type: 'object',
      ...(required.length > 0 ? { required } : {}),
      properties: Object.fromEntries(fields.map(([name, field]) => [name, this.property(field)])),
      additionalProperties: false,
    };
  }

  private property({ kind, description, nullable }: FieldSchema): Schema {
    return { ...(nullable ? orNull(this.ofKind(kind)) : this.ofKind(kind)), description };
  }
}

function orNull(schema: Schema): Schema {
  // Any JSON value includes null.
  if (Object.keys(schema).length === 0) return schema;
  if (typeof schema.type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const values = schema.enum as unknown[] | undefined;
  return { ...schema, type: [schema.type, 'null'], ...(values ? { enum: [...values, null] } : {}) };
}
