import { fieldsOf } from './dto.js';
import type { DtoClass, Kind } from './kinds.js';

/**
 * A response as its class declares it. Further fields of a service's object, now or in a later version, are left out. A
 * missing field stays missing.
 */
export function present(type: DtoClass, value: object): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, { kind }] of fieldsOf(type)) {
    const member: unknown = (value as Record<string, unknown>)[name];
    if (member !== undefined) shown[name] = presentKind(kind, member);
  }
  return shown;
}

function presentKind(kind: Kind, value: unknown): unknown {
  if (value === null) return null;
  if (kind.is === 'dto') return present(kind.type(), value as object);
  if (kind.is === 'list') return (value as unknown[]).map((item) => presentKind(kind.of, item));
  return value;
}
