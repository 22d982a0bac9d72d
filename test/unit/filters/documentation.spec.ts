import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { issuesOf, matches } from './filter-helpers';

const page = readFileSync(join(__dirname, '../../../docs/filters.md'), 'utf8');
/** Table rows whose first cell is a filter and that have this number of cells, without back quotes. */
const rows = (cells: number): string[][] =>
  page
    .split('\n')
    .filter((line) => line.startsWith('| `{'))
    .map((line) => line.slice(2, -2).split(' | '))
    .filter((row) => row.length === cells)
    .map((row) => row.map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')));
const blocks = [...page.matchAll(/^```json\n([^]*?)^```/gm)].map(([, json]) => json as string);

describe('docs/filters.md', () => {
  it.each(rows(3))('%s matches %s and not %s', (filter, holds, fails) => {
    expect(matches(JSON.parse(filter as string), JSON.parse(holds as string))).toBe(true);
    expect(matches(JSON.parse(filter as string), JSON.parse(fails as string))).toBe(false);
  });

  it.each(rows(4))('%s is refused with %s at %s: %s', (filter, code, path, message) => {
    expect(issuesOf(JSON.parse(filter as string))).toEqual([
      { path, code, message: expect.stringContaining(message as string) as string },
    ]);
  });

  it.each(blocks)('%s is a filter', (json) => {
    expect(issuesOf(JSON.parse(json))).toEqual([]);
  });

  it('has as many examples as this test expects', () => {
    expect(rows(3).length).toBeGreaterThan(35);
    expect(rows(4).length).toBeGreaterThan(15);
    expect(blocks).toHaveLength(3);
  });
});
