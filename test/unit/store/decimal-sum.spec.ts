import { decimalSum } from '../../../lib/store/decimal-sum.js';
import fc from '../../support/fast-check.js';

describe('decimalSum', () => {
  it.each([
    ['1', '2', '3'],
    ['0.1', '0.2', '0.3'],
    ['1e3', '-1000', '0'],
    ['2.50', '0.5', '3'],
    ['-0.5', '0.25', '-0.25'],
    ['1e-15', '0', '0.000000000000001'],
    ['9007199254740990', '1', '9007199254740991'],
    ['-0', '0', '0'],
  ])('adds %s and %s to %s', (left, right, sum) => expect(decimalSum(left, right)).toBe(sum));

  it.each([
    ['9007199254740991', '1'],
    ['1e-16', '0'],
    ['1e300', '0'],
    ['"1"', '1'],
    ['null', '1'],
    ['{}', '1'],
    ['', '1'],
    ['1'.repeat(41), '1'],
  ])('gives no sum for %s and %s', (left, right) => expect(decimalSum(left, right)).toBeUndefined());

  it('gives the exact sum of amounts in cents, in any order', () => {
    const cents = fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { minLength: 1, maxLength: 50 });
    const added = (amounts: readonly number[]): string =>
      amounts.reduce((sum, amount) => decimalSum(sum, String(amount / 100)) ?? 'none', '0');
    fc.assert(
      fc.property(cents, (amounts) => {
        const whole = amounts.reduce((sum, amount) => sum + amount, 0);
        expect(Number(added(amounts))).toBe(whole / 100);
        expect(added(amounts.toReversed())).toBe(added(amounts));
      }),
    );
  });
});
