import { printable } from '../common/printable.js';
import { suggestName } from '../common/suggest-name.js';
import type { Filter } from '../filters/index.js';

/**
 * What is probably wrong with a filter that is allowed all the same.
 *
 * @param fields of the payload of the event type; null if they are not known
 */
export function filterWarnings(filter: Filter, type: string, fields: readonly string[] | null): string[] {
  const warnings: string[] = [];
  if (filter.neverMatches)
    warnings.push('No event can match the filter: its bounds on a field exclude each other.');
  for (const field of fields ? filter.fields : []) {
    if (fields?.includes(field)) continue;
    const meant = suggestName(field, fields ?? []);
    const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
    warnings.push(`Events of type ${type} have no field "${printable(field, 100)}".${hint}`);
  }
  return warnings;
}
