import { HttpBinding } from '../../../../lib/bindings/http/http.binding.js';
import { HttpOptions } from '../../../../lib/options/http.options.js';
import { bindingRegistry } from '../../../support/bindings.js';

jest.mock('undici', () => {
  throw new Error("Cannot find module 'undici'");
});

const { timeout: _timeout, ...defaults } = new HttpOptions();

describe('an application without undici', () => {
  it('starts without http.fetch if no host is allowed', async () => {
    const { registry } = bindingRegistry();
    const binding = new HttpBinding({ ...defaults, timeoutMs: 5_000 }, registry);
    await binding.open();
    expect(registry.names()).toEqual([]);
    await binding.close();
  });

  it('does not start if a host is allowed, and says what to install', async () => {
    const { registry } = bindingRegistry();
    const binding = new HttpBinding({ ...defaults, allowedHosts: ['a.test'], timeoutMs: 5_000 }, registry);
    await expect(binding.open()).rejects.toMatchObject({
      code: 'http-client-missing',
      message: expect.stringContaining('npm install undici@^7'),
    });
    expect(registry.names()).toEqual([]);
    await binding.close();
  });
});
