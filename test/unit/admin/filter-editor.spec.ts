import { filterFaults, filterIn } from '../../../lib/admin/page/editor/filter/filter.faults.js';
import { filterOffers } from '../../../lib/admin/page/editor/filter/filter.completion.js';
import { OPERATOR_HELP } from '../../../lib/admin/page/editor/filter/filter.operators.js';
import { positionAt } from '../../../lib/admin/page/editor/json/json.position.js';
import { JsonTree } from '../../../lib/admin/page/editor/json/json.tree.js';
import { type FilterError, type FilterIssue, parseFilter } from '../../../lib/filters/index.js';

const FIELDS = ['amount', 'status', 'full.name', 'or'];

/** What the editor offers where `|` stands: names with their templates. */
function offers(marked: string): Record<string, string> {
  const at = marked.indexOf('|');
  const position = positionAt(new JsonTree(marked.replace('|', '')), at);
  const found = position ? filterOffers(position, FIELDS) : [];
  return Object.fromEntries(
    found.filter(({ label }) => !position!.taken.has(label)).map(({ label, template }) => [label, template]),
  );
}

const labels = (marked: string): string[] => Object.keys(offers(marked));

/** Each fault as `what it marks: message`. */
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

  it('operators, each within an object, where a condition begins', () => {
    expect(offers('{ "amount": | }')).toMatchObject({
      gt: '{ "gt": #{1:100} }',
      exists: '{ "exists": #{true} }',
    });
  });

  it('true and false where an operator or the modifier takes one of the two', () => {
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

  it('no name that the object has already', () => {
    expect(labels('{ "amount": 1, | }')).not.toContain('amount');
    expect(labels('{ "amount": { "gt": 1, | } }')).not.toContain('gt');
  });

  it('a field as a JSON Pointer if its plain name means something else in a filter', () => {
    expect(offers('{ | }')).toMatchObject({ 'full.name': '"/full.name": #{}' });
    expect(
      new JsonTree(`{ ${offers('{ | }').or} }`).members(new JsonTree('{ "or": 1 }').root!),
    ).toBeDefined();
  });

  it('each operator with a sample value that the filter language accepts', () => {
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
  it('each fault that the package refuses, at its place and with the message of its error', () => {
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

  it('a fault below a field with dots, and in an entry of a list, at its own place', () => {
    const text = '{ "a": 1, "a.b": { "gt": true }, "in": [1, {}] }';
    const spans = filterFaults(text).map(({ from, to }) => [from, text.slice(from, to)]);
    expect(spans).toEqual([
      [text.indexOf('"gt"'), '"gt"'],
      [text.indexOf('{}'), '{}'],
    ]);
  });

  it('the place where a text stops being JSON', () => {
    const text = '{\n  "amount": 1\n  "status": 2\n}';
    const [fault] = filterFaults(text);
    expect(fault).toMatchObject({ severity: 'error', message: expect.stringMatching(/^No valid JSON: /) });
    expect(fault!.from).toBe(text.indexOf('"status"'));
    expect(filterFaults('{ "amount": ')).toHaveLength(1);
  });

  it('a filter that is not an object, and a name that occurs twice', () => {
    expect(faults('[1]')).toEqual(['[1]: This must be an object: { … }.']);
    expect(filterFaults('{ "amount": 1, "amount": 2 }')).toEqual([
      expect.objectContaining({ severity: 'warning', from: 2, to: 10 }),
    ]);
  });

  it('nothing in an empty text and in a valid filter', () => {
    for (const text of ['', '  \n', '{}', '{ "amount": { "gt": 100 } }'])
      expect(filterFaults(text)).toEqual([]);
  });
});

describe('the text in the editor of filters', () => {
  it('counts as a filter if it is valid, as no filter if it is empty, and as undefined otherwise', () => {
    expect(filterIn(' ')).toBeNull();
    expect(filterIn('{ "amount": 1 }')).toEqual({ amount: 1 });
    for (const text of ['{', '[]', '1', '{ "amount": { "gtt": 1 } }']) expect(filterIn(text)).toBeUndefined();
  });
});
