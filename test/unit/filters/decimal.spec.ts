import fc from '../../support/fast-check.js';
import { DecimalOperand, decimalKey, isDecimalText } from '../../../lib/filters/decimal.js';

const write = (units: bigint, digits: number): string => {
  const text = (units < 0n ? -units : units).toString().padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  return `${units < 0n ? '-' : ''}${whole}${digits > 0 ? `.${text.slice(text.length - digits)}` : ''}`;
};
const sign = (value: bigint): number => (value < 0n ? -1 : value > 0n ? 1 : 0);

describe('isDecimalText', () => {
  it.each(['0', '-0', '7', '-12', '10.50', '0.001', '9'.repeat(64)])('accepts %s', (text) => {
    expect(isDecimalText(text)).toBe(true);
  });

  it.each([
    '',
    '-',
    '.',
    '.5',
    '5.',
    '01',
    '-01',
    '+1',
    ' 1',
    '1 ',
    '1e4',
    '1,000',
    '1_000',
    '0x1',
    '--1',
    'NaN',
    'Infinity',
    '1.2.3',
    '9'.repeat(65),
  ])('does not accept %j', (text) => {
    expect(isDecimalText(text)).toBe(false);
  });
});

describe('DecimalOperand', () => {
  const wholes = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });
  const scale = fc.integer({ min: 0, max: 20 });

  it('orders decimal text as exact arithmetic does', () => {
    fc.assert(
      fc.property(wholes, scale, wholes, scale, (left, leftScale, right, rightScale) => {
        const expected = sign(left * 10n ** BigInt(rightScale) - right * 10n ** BigInt(leftScale));
        const compared = new DecimalOperand(write(right, rightScale)).compare(write(left, leftScale));
        expect(Math.sign(compared)).toBe(expected);
      }),
    );
  });

  it('orders neighbouring numbers that doubles can’t tell apart', () => {
    fc.assert(
      fc.property(wholes, (value) => {
        const operand = new DecimalOperand(value.toString());
        expect(operand.compare((value + 1n).toString())).toBeGreaterThan(0);
        expect(operand.compare(value - 1n)).toBeLessThan(0);
        expect(Math.abs(operand.compare(`${value}.000`))).toBe(0);
      }),
    );
  });

  it('reads a double as the decimal that JSON writes, and orders doubles as JavaScript does', () => {
    const doubles = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(doubles, doubles, (left, right) => {
        expect(Math.sign(new DecimalOperand(right).compare(left))).toBe(
          Math.sign(left < right ? -1 : Number(left > right)),
        );
        expect(decimalKey(left) === decimalKey(right)).toBe(left === right);
      }),
    );
  });

  it('does not compare with a value that is not a number', () => {
    for (const value of ['x', '', null, true, [], {}, undefined])
      expect(new DecimalOperand(5).compare(value)).toBeNaN();
  });
});
