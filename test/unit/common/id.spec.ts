import { isId, MAX_ID } from '../../../lib/common/id.js';
import { toId } from '../../../lib/events/read-field.js';
import { checkBy, checkId, checkTenant } from '../../../lib/options/query-checks.js';
import { prepareRun } from '../../../lib/sandbox/prepared-run.js';
import { SandboxLimits } from '../../../lib/sandbox/sandbox.limits.js';
import { SandboxOptionsError } from '../../../lib/sandbox/sandbox.errors.js';

const BLANK = ['', ' ', '\t\n', '\u00a0', '\ufeff'];
const UNFIT = [undefined, null, 5, {}, ['a'], 'x'.repeat(MAX_ID + 1), 'a\0b', '\ud800'];
const FIT = ['a', ' a', '0', 'x'.repeat(MAX_ID), 'ü 😀'];

describe('an id', () => {
  it.each(FIT)('may be the text %j', (id) => {
    expect(isId(id)).toBe(true);
    expect(toId(id)).toBe(id);
    for (const check of [checkTenant, checkBy]) expect(() => check(id)).not.toThrow();
  });

  it.each([...BLANK, ...UNFIT])('may not be %j', (id) => {
    expect(isId(id)).toBe(false);
    expect(() => checkTenant(id)).toThrow('tenantId must be a tenant id of 1 to 200 characters, not blank');
    expect(() => checkBy(id)).toThrow('by must be ');
    expect(() => checkId('eventId', id)).toThrow('eventId must be text of 1 to 200 characters, not blank');
  });

  it.each(BLANK)('of a tenant or a script that runs in the sandbox is not blank: %j', (id) => {
    const run = { source: 'return 1', tenantId: 't', scriptId: 's', version: 1 };
    const limits = new SandboxLimits();
    for (const name of ['tenantId', 'scriptId']) {
      const prepare = (): unknown => prepareRun({ ...run, [name]: id }, limits);
      expect(prepare).toThrow(SandboxOptionsError);
      expect(prepare).toThrow(`${name} is ${id === '' ? 'empty' : 'blank'}; it must be an id`);
    }
    expect(prepareRun(run, limits).refusal).toBeUndefined();
  });
});
