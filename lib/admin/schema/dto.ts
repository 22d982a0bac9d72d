import { ValidateIf } from 'class-validator';
import { dto, type DtoClass, type FieldSchema, type Kind, list, rulesOf, text } from './kinds.js';
import { swaggerProperty } from './swagger-property.js';

const SCHEMAS = new WeakMap<object, Map<string, FieldSchema>>();

/**
 * A request or a response. Each field is declared once by {@link Field}, which gives it the rules of class-validator,
 * its schema in `openapi.json`, and what the host's `@nestjs/swagger` reads.
 */
export abstract class Dto {
  /**
   * Whether a service checks the values and reports every problem at once. Then only unknown fields are refused here.
   */
  static readonly checkedByService: boolean = false;

  /** Called by `@nestjs/swagger`, as if Nest's compiler plugin had written it. */
  static _OPENAPI_METADATA_FACTORY(): Record<string, object> {
    const own = [...(SCHEMAS.get(this) ?? [])];
    return Object.fromEntries(own.map(([name, field]) => [name, swaggerProperty(field)]));
  }
}

/** Whether a field may be left out or null. */
interface FieldMarks {
  optional?: boolean;
  nullable?: boolean;
}

export const OPTIONAL: FieldMarks = { optional: true };
export const NULLABLE: FieldMarks = { nullable: true };
export const OPTIONAL_NULLABLE: FieldMarks = { optional: true, nullable: true };

/** Declares a field of a {@link Dto}. */
export function Field(
  description: string,
  kind: Kind,
  { optional = false, nullable = false }: FieldMarks = {},
): PropertyDecorator {
  return (prototype, name) => {
    const type = prototype.constructor as DtoClass;
    const own = SCHEMAS.get(type) ?? new Map<string, FieldSchema>();
    SCHEMAS.set(type, own.set(String(name), { kind, description, optional, nullable }));
    const given = (_: object, value: unknown): boolean =>
      !(optional && value === undefined) && !(nullable && value === null);
    for (const rule of [ValidateIf(given), ...rulesOf(kind)]) rule(prototype, name);
  };
}

/** The fields of a class, inherited ones first. */
export function fieldsOf(type: DtoClass): ReadonlyMap<string, FieldSchema> {
  const parent = Object.getPrototypeOf(type) as DtoClass;
  const inherited = parent === (Dto as unknown) ? [] : fieldsOf(parent);
  return new Map([...inherited, ...(SCHEMAS.get(type) ?? [])]);
}

/** The class of one page of a list: `{ items, nextCursor }`. */
export function pageOf(item: DtoClass): DtoClass {
  class Page extends Dto {
    @Field('The items, in the order of the list.', list(dto(() => item)))
    items!: object[];

    @Field('Pass it as `cursor` to get the next page. null on the last page.', text(), NULLABLE)
    nextCursor!: string | null;
  }
  Object.defineProperty(Page, 'name', { value: `${item.name}Page` });
  return Page;
}
