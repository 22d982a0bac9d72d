import { fieldsOf } from './dto.js';
import type { DtoClass, Kind } from './kinds.js';

/**
 * An answer as its class declares it: what a service's object has besides, now or in a later version, stays inside. A field
 * that is not there stays away.
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
