import type { EventType } from './api/schema';

/** The source of a new script. It has a visible effect. */
export function templateFor({ type, fields }: Pick<EventType, 'type' | 'fields'>): string {
  const shown = (fields ?? []).slice(0, 3);
  const data =
    shown.length > 0 ? `{ ${shown.map((field) => `${field}: ctx.input.${field}`).join(', ')} }` : 'ctx.input';
  return `// Runs for every ${type} that the filter lets through.
// ctx.input is its payload.
sdk.log.info('${type}', ${data});

// What is returned is kept with the execution.
return ${shown[0] ? `ctx.input.${shown[0]}` : 'null'};
`;
}

/** A sample payload with these fields. */
export function sampleOf(fields: readonly string[] | null): Record<string, unknown> {
  return Object.fromEntries((fields ?? []).map((field) => [field, valueFor(field)]));
}

function valueFor(field: string): unknown {
  if (/(id|count|number|quantity|age)$/i.test(field)) return 1;
  if (/(amount|price|total|balance|sum|rate)$/i.test(field)) return 100;
  if (/currency$/i.test(field)) return 'EUR';
  if (/email$/i.test(field)) return 'ada@example.com';
  if (/(at|date)$/i.test(field)) return '2026-01-31T09:00:00.000Z';
  if (/^(is|has)[A-Z]/.test(field)) return true;
  return `some ${field}`;
}
