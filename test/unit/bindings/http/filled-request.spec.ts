import { filled } from '../../../../lib/bindings/http/filled-request.js';
import type { BindingCallError } from '../../../../lib/common/binding-call.error.js';
import { RunSecrets } from '../../../../lib/secrets/run-secrets.js';

const MAX_BYTES = 65_536;
const VALUE = 'v'.repeat(8_000) + 'wx';

async function sent(request: { address?: string; header?: string; body?: string }) {
  const open = async (): Promise<string> => VALUE;
  const names = ['a.example'];
  const secrets = new RunSecrets([
    { name: 'a', hosts: names, bindings: [], open, used: () => undefined, refused: () => undefined },
  ]);
  await secrets.open();
  const fill = jest.spyOn(secrets, 'fill');
  const marked = (text: string): string => text.replaceAll('@', `_secret_${secrets.nonce}_0_`);
  const outgoing = {
    address: marked(request.address ?? 'https://a.example/'),
    method: 'POST',
    headers: { 'x-key': marked(request.header ?? '') },
    body: marked(request.body ?? ''),
  };
  try {
    return { whole: filled(outgoing, secrets, MAX_BYTES), longest: 0 };
  } catch (error) {
    const { code, message } = error as BindingCallError;
    const longest = Math.max(0, ...fill.mock.results.map(({ value }) => String(value).length));
    return { code, message, longest };
  }
}

describe('a request with secrets', () => {
  it('has the values of the secrets in its path, headers and body', async () => {
    const { whole } = await sent({
      address: 'https://a.example/@?k=1',
      header: 'Bearer @',
      body: '{"k":"@"}',
    });
    expect(whole).toMatchObject({
      path: `/${VALUE}?k=1`,
      headers: { 'x-key': `Bearer ${VALUE}` },
      body: `{"k":"${VALUE}"}`,
      hasSecrets: true,
    });
  });

  it.each([
    [
      'address',
      { address: `https://a.example/${'@'.repeat(3)}` },
      'invalid-input',
      /^url has more than 12288/,
    ],
    ['header', { header: '@@' }, 'invalid-input', /^headers: x-key can't be sent .* longer than 12288/],
    ['body', { body: '@'.repeat(1_000) }, 'too-large', /more bytes than 65536/],
  ])('is refused before values make its %s too long', async (_part, request, code, message) => {
    const refused = await sent(request);
    expect(refused).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(refused.longest).toBeLessThanOrEqual(12_288);
  });
});
