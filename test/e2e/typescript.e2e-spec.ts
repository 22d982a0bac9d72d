import { ADA, TestHost } from './support/test-host.js';

describe('a script in TypeScript', () => {
  it('runs, and its errors name lines of the author’s text', async () => {
    const host = await TestHost.with({ retry: { maxRetries: 0 } });
    const source = `interface User {
  email: string;
}
const user = ctx.input as User;
if (user.email.startsWith('ada')) return user.email;
throw new Error('not Ada' satisfies string);`;
    const script = await host.script(source, { language: 'typescript' });
    host.emit('user.created', { ...ADA, tenantId: 'acme' });
    await host.executed(1, script);
    host.emit('user.created', { ...ADA, email: 'bob@example.com', tenantId: 'acme' });
    const rows = await host.executed(2, script);
    expect(rows).toEqual([
      expect.objectContaining({ status: 'completed', result: ADA.email }),
      expect.objectContaining({ status: 'failed', errorMessage: 'not Ada', errorLine: 6 }),
    ]);
  });

  it('is refused when its text would end the function around it', async () => {
    const host = await TestHost.start();
    const breakOut = host.script('return 1 as number; }; }); (function () { return async () => {', {
      language: 'typescript',
    });
    await expect(breakOut).rejects.toMatchObject({ code: 'invalid-script-source' });
  });
});
