import { PAYLOAD_FIELDS } from '../../../lib/events/event-types.js';
import { EventsOptions } from '../../../lib/options/events.options.js';
import { readPage } from './pages.js';

const { text } = readPage('docs/events.md');
const names = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string);
/** Cells of the table rows that stand under a heading. */
const rowsUnder = (heading: string): string[][] =>
  (text.split(`\n## ${heading}\n`)[1] as string)
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.slice(1, -1).split('|'));

describe('docs/events.md', () => {
  it('names the fifteen types with their fields', () => {
    const rows = rowsUnder('The catalogue').filter(([types]) =>
      names(types!).some((type) => type in PAYLOAD_FIELDS),
    );
    const documented = rows.flatMap(([types, fields]) =>
      names(types!).map((type) => [type, names(fields!)] as const),
    );
    expect(documented).toHaveLength(15);
    expect(Object.fromEntries(documented)).toEqual(PAYLOAD_FIELDS);
  });

  it('gives the defaults of the loop guard', () => {
    const defaults = new EventsOptions() as unknown as Record<string, unknown>;
    const rows = rowsUnder('Loop guard').map(([name, value]) => [
      names(name!)[0]!.replace('events.', ''),
      value!.trim().replace(/[`,]/g, ''),
    ]);
    expect(rows).toHaveLength(4);
    for (const [name, value] of rows)
      expect({ [name!]: value }).toEqual({ [name!]: String(defaults[name!]) });
  });
});
