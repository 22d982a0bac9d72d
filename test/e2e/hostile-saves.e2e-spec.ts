import { ScriptService, ScriptSourceError } from '../../lib/index.js';
import { FULL, inShortOneIn } from '../support/test-form.js';
import { ADA, TestHost } from './support/test-host.js';

const KIB_100 = 100 * 1024;
/** V8 needs half a minute to check a hundred kilobytes of this on a fast machine. */
const SET = String.raw`/[\p{RGI_Emoji}--\q{a}]/iv;`;
const SLOW = {
  javascript: SET.repeat(Math.floor(KIB_100 / SET.length) - 1),
  typescript: `x = ${'a ? (b) : c => '.repeat(40)}1`,
} as const;
/** Each save takes two seconds of processor time. Three are enough to show that a tenant's saves are checked one by one. */
const SAVES = FULL ? 5 : 3;

describe('saving a source that takes long to check', () => {
  // Only in the full form: test/unit/scripts/type-stripper.spec.ts tests TypeScript.
  it.each(inShortOneIn(2, Object.entries(SLOW)))(
    'is refused with the issue too-slow (%s), while another tenant saves and runs a script',
    async (language, source) => {
      const host = await TestHost.start({ ownChecks: true });
      const scripts = host.app.get(ScriptService, { strict: false });
      const script = (name: string, text: string) =>
        ({ name, eventTypes: ['user.created'], source: text, language, active: true }) as never;
      const order: string[] = [];
      const hostile = Array.from({ length: SAVES }, (_, n) =>
        scripts
          .create('evil', script(`s${n}`, source + ' '.repeat(n)))
          .catch((error: unknown) => error)
          .finally(() => order.push('evil')),
      );
      const { id } = await scripts.create('good', script('good', "return 'saved'"));
      order.push('good');
      host.emit('user.created', { ...ADA, tenantId: 'good' });
      expect(await host.executed(1, id)).toMatchObject([{ status: 'completed', result: 'saved' }]);

      for (const error of await Promise.all(hostile)) {
        expect(error).toBeInstanceOf(ScriptSourceError);
        expect(error).toMatchObject({
          code: 'invalid-script-source',
          issues: [
            { path: 'source', code: 'too-slow', message: expect.stringMatching(/longer than 2\ss\b/) },
          ],
        });
      }
      // The saves of the hostile tenant are checked one at a time, so some ended after the other tenant's save.
      expect(order.slice(-2)).toEqual(['evil', 'evil']);
    },
  );
});
