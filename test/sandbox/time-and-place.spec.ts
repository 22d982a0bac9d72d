import { ScriptSandbox } from '../../lib/sandbox/index.js';

const SEEN = `return {
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  offset: new Date(2026, 6, 1).getTimezoneOffset(),
  text: new Date(0).toString(),
  local: new Date('2026-03-29T02:30:00').toISOString(),
  shown: new Date(0).toLocaleString(),
  language: Intl.NumberFormat().resolvedOptions().locale,
  number: (1234.5).toLocaleString(),
  elsewhere: new Date(0).toLocaleString('de-DE', { timeZone: 'Asia/Tokyo' }),
}`;

describe('the time zone and the language of a script', () => {
  const before = { ...process.env };
  let sandbox: ScriptSandbox;

  beforeAll(() => {
    Object.assign(process.env, { TZ: 'Asia/Tokyo', LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8' });
    sandbox = new ScriptSandbox();
  });
  afterAll(async () => {
    await sandbox.stop();
    for (const name of ['TZ', 'LC_ALL', 'LANG']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });

  test('are UTC and American English, whatever the host has, and others can be used by name', async () => {
    const outcome = await sandbox.run({ source: SEEN, tenantId: 'a', scriptId: 's', version: 1 });
    expect(outcome).toMatchObject({
      result: {
        zone: 'UTC',
        offset: 0,
        text: 'Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)',
        local: '2026-03-29T02:30:00.000Z',
        shown: expect.stringMatching(/^1\/1\/1970, 12:00:00\sAM$/),
        language: 'en-US',
        number: '1,234.5',
        elsewhere: '1.1.1970, 09:00:00',
      },
    });
  });
});
