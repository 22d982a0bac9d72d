import { filterFaults, filterIn } from '../../../lib/admin/page/editor/filter/filter.faults.js';
import { filterOffers } from '../../../lib/admin/page/editor/filter/filter.completion.js';
import { OPERATOR_HELP } from '../../../lib/admin/page/editor/filter/filter.operators.js';
import { positionAt } from '../../../lib/admin/page/editor/json/json.position.js';
import { JsonTree } from '../../../lib/admin/page/editor/json/json.tree.js';
import { type FilterError, type FilterIssue, parseFilter } from '../../../lib/filters/index.js';

const FIELDS = ['amount', 'status', 'full.name', 'or'];

/** What is offered where `|` stands. */
function offers(marked: string): Record<string, string> {
  const at = marked.indexOf('|');
  const position = positionAt(new JsonTree(marked.replace('|', '')), at);
  const found = position ? filterOffers(position, FIELDS) : [];
  return Object.fromEntries(
    found.filter(({ label }) => !position!.taken.has(label)).map(({ label, template }) => [label, template]),
  );
}

const labels = (marked: string): string[] => Object.keys(offers(marked));

/** The faults as `"what they mark": message`. */
const faults = (text: string): string[] =>
  filterFaults(text).map(({ from, to, message }) => `${text.slice(from, to)}: ${message}`);

function issuesOf(filter: unknown): readonly FilterIssue[] {
  try {
    parseFilter(filter);
    return [];
  } catch (error) {
    return (error as FilterError).issues;
  }
}

describe('the editor of filters offers', () => {
  it.each(['{ | }', '{ "a|" }', '{ a| }', '{ "x": 1, "| }', '{ "or": [{ | }] }', '{ "not": { "am|" } }'])(
    'fields and ways to combine filters in %s',
    (marked) => {
      expect(labels(marked)).toEqual(expect.arrayContaining(['amount', 'status', 'and', 'not']));
      expect(labels(marked)).not.toContain('gt');
    },
  );

  it.each(['{ "amount": { | } }', '{ "amount": { "g|" } }', '{ "amount": { "not": { "| } } }'])(
    'operators and the modifier in %s',
    (marked) => {
      expect(labels(marked)).toEqual(Object.keys(OPERATOR_HELP));
    },
  );

  it('operators as an object where a condition is to begin', () => {
    expect(offers('{ "amount": | }')).toMatchObject({
      gt: '{ "gt": #{1:100} }',
      exists: '{ "exists": #{true} }',
    });
  });

  it('what an operator takes, when that is one of two', () => {
    expect(labels('{ "amount": { "exists": | } }')).toEqual(['true', 'false']);
    expect(labels('{ "status": { "eq": "a", "ignoreCase": | } }')).toEqual(['true', 'false']);
    expect(labels('{ "amount": { "gt": | } }')).toEqual([]);
  });

  it('no field of the event within an element of a list, and nothing within a value', () => {
    expect(labels('{ "items": { "any": { | } } }')).toEqual(['and', 'or', 'not']);
    expect(labels('{ "items": { "any": { "sku": { | } } } }')).toContain('gt');
    expect(labels('{ "status": ["a", |] }')).toEqual([]);
    expect(labels('{ "client": { "eq": { | } } }')).toEqual([]);
    expect(labels('{ "amount": 1 }|')).toEqual([]);
  });

  it('a name once in an object', () => {
    expect(labels('{ "amount": 1, | }')).not.toContain('amount');
    expect(labels('{ "amount": { "gt": 1, | } }')).not.toContain('gt');
  });

  it('a field whose name means something else as a JSON Pointer', () => {
    expect(offers('{ | }')).toMatchObject({ 'full.name': '"/full.name": #{}' });
    expect(
      new JsonTree(`{ ${offers('{ | }').or} }`).members(new JsonTree('{ "or": 1 }').root!),
    ).toBeDefined();
  });

  it('operators that the language takes with the value that is offered', () => {
    for (const [word, { sample }] of Object.entries(OPERATOR_HELP)) {
      if (word === 'ignoreCase') continue;
      const json = sample
        .replace('{ #{} }', word === 'not' ? '{ "gt": 5 }' : '{ "sku": "A" }')
        .replaceAll(/#\{(?:\d:)?([^}]*)\}/g, '$1');
      expect(() => parseFilter(JSON.parse(`{ "field": { "${word}": ${json} } }`))).not.toThrow();
    }
  });
});

describe('the editor of filters marks', () => {
  it('what the package refuses, where it stands, with the words of its error', () => {
    const text = `{
  "status": { "eqq": "paid" },
  "or": [{ "amount": 1 }, { "client.city": { "size": -1 } }]
}`;
    const found = faults(text);
    expect(found).toEqual([
      expect.stringMatching(/^"eqq": Unknown operator "eqq"\. Did you mean "eq"\?/),
      expect.stringMatching(/^"size": /),
    ]);
    const messages = issuesOf(JSON.parse(text)).map(({ message }) => message);
    expect(found.map((fault) => fault.replace(/^"\w+": /, ''))).toEqual(messages);
  });

  it('the name with dots rather than its beginning, and the entry of a list', () => {
    const text = '{ "a": 1, "a.b": { "gt": true }, "in": [1, {}] }';
    const spans = filterFaults(text).map(({ from, to }) => [from, text.slice(from, to)]);
    expect(spans).toEqual([
      [text.indexOf('"gt"'), '"gt"'],
      [text.indexOf('{}'), '{}'],
    ]);
  });

  it('where a text stops being JSON', () => {
    const text = '{\n  "amount": 1\n  "status": 2\n}';
    const [fault] = filterFaults(text);
    expect(fault).toMatchObject({ severity: 'error', message: expect.stringMatching(/^No valid JSON: /) });
    expect(fault!.from).toBe(text.indexOf('"status"'));
    expect(filterFaults('{ "amount": ')).toHaveLength(1);
  });

  it('what is no object, and a name that stands twice', () => {
    expect(faults('[1]')).toEqual(['[1]: This must be an object: { … }.']);
    expect(filterFaults('{ "amount": 1, "amount": 2 }')).toEqual([
      expect.objectContaining({ severity: 'warning', from: 2, to: 10 }),
    ]);
  });

  it('nothing in no filter and in a valid one', () => {
    for (const text of ['', '  \n', '{}', '{ "amount": { "gt": 100 } }'])
      expect(filterFaults(text)).toEqual([]);
  });

  it('a text as a filter only while it is one', () => {
    expect(filterIn(' ')).toBeNull();
    expect(filterIn('{ "amount": 1 }')).toEqual({ amount: 1 });
    for (const text of ['{', '[]', '1', '{ "amount": { "gtt": 1 } }']) expect(filterIn(text)).toBeUndefined();
  });
});
