import type { Diagnostic } from '@codemirror/lint';
import { readFilter } from '../../../../filters/filter.reader.js';
import { FilterReading } from '../../../../filters/filter.reading.js';
import type { JsonObject } from '../editor.types.js';
import { jsonFaults } from '../json/json.faults.js';
import { isObject, parsed } from '../json/json.text.js';
import { JsonTree } from '../json/json.tree.js';

/** What is wrong with the text of a filter, where it stands: what the API would say of it, before it is asked. */
export function filterFaults(text: string): Diagnostic[] {
  const faults = jsonFaults(text, 'object');
  const filter = parsed(text);
  if (!isObject(filter)) return faults;
  const tree = new JsonTree(text);
  const issues = issuesOf(filter).map(({ path, message }): Diagnostic => {
    const { from, to } = tree.locate(path) ?? { from: 0, to: text.length };
    return { from, to, severity: 'error', message };
  });
  return [...faults, ...issues];
}

/** The filter that a text says: null for none, `undefined` while it is not a valid one. */
export function filterIn(text: string): JsonObject | null | undefined {
  if (text.trim() === '') return null;
  const filter = parsed(text);
  return isObject(filter) && issuesOf(filter).length === 0 ? filter : undefined;
}

/** By the package's own reader of filters. How large all of it may be is left to the API. */
function issuesOf(filter: JsonObject): FilterReading['issues'] {
  const reading = new FilterReading();
  readFilter(filter, 'filters', 1, reading);
  return reading.issues;
}
