import { toStorableJson, withoutPadding } from '../../../lib/common/json.js';

describe('toStorableJson', () => {
  test.each([
    ['ordinary text', '{"a":[1,-2.5,"x",null],"b":"\\u00e4"}'],
    ['a backslash before what looks like an escape', '"\\\\u0000"'],
    ['the largest and the smallest number', '[1.7976931348623157e+308,5e-324]'],
    ['rows of backslashes', `"${'\\\\'.repeat(99)}u0000${'\\\\'.repeat(99)}ud800"`],
    ['many digits in a text', `"${'1'.repeat(400)}"`],
  ])('leaves %s as it is', (_, text) => {
    expect(toStorableJson(text)).toBe(text);
  });

  test.each([
    ['U+0000', '["\\u0000"]', '["\\ufffd"]'],
    [
      'U+0000 behind escaped backslashes',
      '["\\\\\\u0000\\n\\u0000\\u0000"]',
      '["\\\\\\ufffd\\n\\ufffd\\ufffd"]',
    ],
    ['a lone surrogate', '["\\ud800","\\uDFFF"]', '["\\ufffd","\\ufffd"]'],
    ['a number with too many digits', `[1${'0'.repeat(400)},0.${'0'.repeat(400)}1]`, '[null,0]'],
    ['a number with too large an exponent', '[1e400,-1E+400,1e-400]', '[null,null,0]'],
  ])('replaces %s', (_, text, storable) => {
    expect(toStorableJson(text)).toBe(storable);
  });
});

describe('withoutPadding', () => {
  test('returns text of a jsonb column with the bytes that JavaScript needs for it', () => {
    const text = `{"a": [1, 1${'0'.repeat(300)}, 0.${'0'.repeat(6)}1], "b": "1, 2", "__proto__": {}}`;
    expect(withoutPadding(text)).toBe('{"a":[1,1e+300,1e-7],"b":"1, 2","__proto__":{}}');
  });
});
