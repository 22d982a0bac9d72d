import { honestBounds } from '../../../lib/sandbox/process/heard-run.js';
import { SandboxLimits } from '../../../lib/sandbox/sandbox.limits.js';

/** Most bytes of a message with these limits, and with `more` in addition. */
const grownBy = (limits: Partial<SandboxLimits>, more: Partial<SandboxLimits>): number => {
  const base = Object.assign(new SandboxLimits(), limits);
  return honestBounds(Object.assign(new SandboxLimits(), limits, more)).bytes - honestBounds(base).bytes;
};

const MIB = 1024 * 1024;

describe('the largest message of an honest process', () => {
  test.each<[string, number, Partial<SandboxLimits>, Partial<SandboxLimits>]>([
    ['resultBytes', 1, { resultBytes: 8 * MIB - 1 }, { resultBytes: 8 * MIB }],
    ['publishBytes', 4, { publishBytes: MIB - 1 }, { publishBytes: MIB }],
    ['logBytes', 1, { logBytes: 8 * MIB - 1 }, { logBytes: 8 * MIB }],
    ['bindingBytes', 1, { bindingBytes: 8 * MIB - 1 }, { bindingBytes: 8 * MIB }],
  ])('grows with %s, byte by byte', (_, factor, limits, more) => {
    const small = { resultBytes: 4, publishBytes: 2, logBytes: 0, bindingBytes: 2, bindingCalls: 0 };
    expect(grownBy({ ...small, ...limits }, more)).toBe(factor);
  });
});
