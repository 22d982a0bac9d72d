import * as fc from 'fast-check';
import {
  callerOf,
  listed,
  printable,
  printableJson,
  printableLines,
  printableValue,
  quoted,
  shownJson,
  valueInWords,
} from '../../../lib/common/printable.js';
import { limitTests } from '../../support/time-limits.js';

limitTests('busy');

/** Characters that must not reach a line of a log or a terminal. */
const HOSTILE = {
  'a line end': '\n',
  'a carriage return': '\r',
  'a tab': '\t',
  ESC: '\u001b',
  'U+0000': '\u0000',
  DEL: '\u007f',
  'CSI of C1': '\u009b',
  'next line of C1': '\u0085',
  'a line separator': '\u2028',
  'a paragraph separator': '\u2029',
  'a right-to-left override': '\u202e',
  'an isolate': '\u2066',
  'an Arabic letter mark': '\u061c',
  'a zero-width space': '\u200b',
  'a zero-width joiner': '\u200d',
  'a word joiner': '\u2060',
  'a byte order mark': '\ufeff',
  'a soft hyphen': '\u00ad',
  'a Hangul filler': '\u3164',
  'a variation selector': '\ufe0f',
  'a tag': '\u{e0041}',
  'a lone high surrogate': '\ud800',
  'a lone low surrogate': '\udfff',
};

const hostile = new Set(Object.values(HOSTILE));

const isRaw = (character: string): boolean =>
  character < ' ' || (character >= '\u007f' && character <= '\u009f') || hostile.has(character);

describe('printable', () => {
  it.each(Object.entries(HOSTILE))('writes %s as an escape', (_, character) => {
    for (const shown of [printable(`a${character}b`), quoted(`a${character}b`)]) {
      expect(shown).not.toContain(character);
      expect(shown).toMatch(/a\\(n|r|t|x[\da-f]{2}|u[\da-f]{4}|u\{[\da-f]+\})b/);
    }
  });

  it('does not change text of any language', () => {
    const text = 'Rechnung für Zoë: 12.500 € – “naïve” 日本語 עברית العربية 👩 𝔘 \\n "x"';
    expect(printable(text)).toBe(text);
  });

  it('says how many characters it cut, and splits no surrogate pair', () => {
    expect(printable('abcdef', 3)).toBe('abc… (3 more characters)');
    expect(printable('ab👩cd', 3)).toBe('ab… (4 more characters)');
    expect(printable('\n'.repeat(10_000)).length).toBeLessThan(4_100);
    expect(quoted('x'.repeat(1_000_000)).length).toBeLessThan(210);
  });

  it('keeps line ends, and no other control characters, in a text of several lines', () => {
    expect(printableLines('a\nb\rc\u001b[0m')).toBe('a\nb\\rc\\x1b[0m');
  });

  it('quotes a name so that the name can’t end its quotes', () => {
    expect(quoted('Paid" of tenant "b')).toBe('"Paid\\" of tenant \\"b"');
  });

  it('shows a caller in quotes, and a missing one as an unnamed caller', () => {
    expect([callerOf('ada'), callerOf(null)]).toEqual(['"ada"', 'an unnamed caller']);
  });

  it('cuts a name to 200 characters, or to 400 if it consists of escapes', () => {
    expect(quoted('\u{e0001}'.repeat(1_000)).length).toBeLessThanOrEqual(400);
    expect(quoted('a'.repeat(1_000))).toBe(`"${'a'.repeat(200)}…"`);
  });

  it('lists as many problems as fit, and the number of further ones', () => {
    expect(listed(['One.', 'Two.'])).toBe('One. Two.');
    const message = listed(Array.from({ length: 50 }, (_, at) => `Problem ${at}: ${'x'.repeat(100)}.`));
    expect(message).toMatch(/^Problem 0: .*… and 43 more\.$/);
    expect(listed(['y'.repeat(100_000)]).length).toBeLessThan(900);
  });

  it('describes a value that is not text in a few words, without reading all of it', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    expect([cyclic, [], [1], null, undefined, 5, 5n, new Date(Number.NaN)].map(valueInWords)).toEqual([
      'an object',
      '[]',
      'a list',
      'null',
      'undefined',
      '5',
      'a bigint',
      'an invalid Date',
    ]);
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    expect(valueInWords(proxy)).toBe('an object');
  });

  it('escapes the values and names of fields in structured lines, down to a limited depth', () => {
    const cyclic: Record<string, unknown> = { 'a\nb': ['\u001b', 1, new Date(0)] };
    cyclic.self = cyclic;
    const shown = printableValue(cyclic) as Record<string, unknown>;
    expect(shown['a\\nb']).toEqual(['\\x1b', 1, new Date(0)]);
    expect(JSON.stringify(shown)).toContain('…');
  });

  it('makes one printable line of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const json = JSON.stringify(text);
        for (const shown of [printable(text), quoted(text), shownJson(json), printableJson(json)]) {
          expect([...shown].filter(isRaw)).toEqual([]);
          expect(() => encodeURIComponent(shown)).not.toThrow();
        }
      }),
    );
  });

  it('writes JSON in harmless characters without changing its value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = printableJson(JSON.stringify(value, undefined, 2));
        expect(json).not.toMatch(/[<>&]/);
        expect(JSON.parse(shownJson(JSON.stringify(value)))).toEqual(JSON.parse(json));
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
