import { HostPolicy } from '../../../../lib/bindings/http/host-policy.js';
import { isPublicAddress } from '../../../../lib/bindings/http/public-address.js';
import type { BindingCallError } from '../../../../lib/common/binding-call.error.js';
import { parseHostPattern } from '../../../../lib/options/host-pattern.js';

const policyOf = (allowedHosts: string[], more: Partial<{ plain: boolean; private: string[] }> = {}) =>
  new HostPolicy({
    allowedHosts,
    allowPlainHttp: more.plain ?? false,
    allowPrivateAddresses: more.private ?? [],
  });

function codeOf(policy: HostPolicy, url: string): string {
  try {
    policy.check(new URL(url));
    return 'allowed';
  } catch (error) {
    return (error as BindingCallError).code;
  }
}

describe('an address that a script gives', () => {
  const policy = policyOf(['api.example.com', '*.shop.example', 'odd.example:8443', 'BÜCHER.example']);

  it.each([
    ['https://api.example.com', 'allowed'],
    ['https://API.Example.COM:443/path?a=b#c', 'allowed'],
    ['https://eu.shop.example', 'allowed'],
    ['https://a.b.shop.example', 'allowed'],
    ['https://odd.example:8443', 'allowed'],
    ['https://xn--bcher-kva.example', 'allowed'],
    ['https://bücher.example', 'allowed'],

    ['https://example.com', 'host-not-allowed'],
    ['https://shop.example', 'host-not-allowed'],
    ['https://evilshop.example', 'host-not-allowed'],
    ['https://shop.example.evil.example', 'host-not-allowed'],
    ['https://api.example.com.evil.example', 'host-not-allowed'],
    ['https://evil.example/api.example.com', 'host-not-allowed'],
    ['https://evil.example?https://api.example.com', 'host-not-allowed'],
    ['https://evil.example#@api.example.com', 'host-not-allowed'],
    ['https://evil.example\\@api.example.com', 'host-not-allowed'],
    ['https://api.example.com.', 'host-not-allowed'],
    ['https://api.example.com:8443', 'host-not-allowed'],
    ['https://api.example.com:22', 'host-not-allowed'],
    ['https://odd.example', 'host-not-allowed'],
    ['https://localhost', 'host-not-allowed'],
    ['https://127.0.0.1', 'host-not-allowed'],
    ['https://[::1]', 'host-not-allowed'],
    ['https://2130706433', 'host-not-allowed'],
    ['https://0x7f.0x0.0x0.0x1', 'host-not-allowed'],
    ['https://0177.0.0.1', 'host-not-allowed'],
    ['https://169.254.169.254/latest/meta-data', 'host-not-allowed'],

    ['https://api.example.com@evil.example', 'url-not-allowed'],
    ['https://user:pass@api.example.com', 'url-not-allowed'],
    ['https://:pass@api.example.com', 'url-not-allowed'],
    ['http://api.example.com', 'url-not-allowed'],
    ['ftp://api.example.com', 'url-not-allowed'],
    ['file:///etc/passwd', 'url-not-allowed'],
    ['gopher://api.example.com', 'url-not-allowed'],
    ['data:text/plain,hello', 'url-not-allowed'],
    ['javascript:alert(1)', 'url-not-allowed'],
    ['ws://api.example.com', 'url-not-allowed'],
    ['unix:///var/run/docker.sock', 'url-not-allowed'],
  ])('%s is %s', (url, code) => {
    expect(codeOf(policy, url)).toBe(code);
  });

  it('may use http only if the options allow it, and not on the port of https', () => {
    const plain = policyOf(['api.example.com', 'odd.example:8080'], { plain: true });
    expect(codeOf(plain, 'http://api.example.com')).toBe('allowed');
    expect(codeOf(plain, 'https://api.example.com')).toBe('allowed');
    expect(codeOf(plain, 'http://api.example.com:443')).toBe('host-not-allowed');
    expect(codeOf(plain, 'http://odd.example:8080')).toBe('allowed');
  });

  it('is refused with an error that says who can allow it, and not which hosts are allowed', () => {
    expect(() => policy.check(new URL('https://evil.example/x'))).toThrow(
      new Error(
        "Scripts aren't allowed to call evil.example; only the operator of the application can allow it",
      ),
    );
  });
});

describe('a numeric address that the host allows', () => {
  const listed = ['127.0.0.1', '10.0.0.7', '[::1]', '[::ffff:127.0.0.1]', '93.184.215.14', '169.254.169.254'];

  it.each([
    'https://127.0.0.1',
    'https://2130706433',
    'https://017700000001',
    'https://0x7f000001',
    'https://0x7f.1',
    'https://127.1',
    'https://127.0.0.1.',
    'https://①②⑦.0.0.1',
    'https://10.0.0.7',
    'https://[::1]',
    'https://[0:0:0:0:0:0:0:1]',
    'https://[::ffff:127.0.0.1]',
    'https://[::ffff:7f00:1]',
    'https://169.254.169.254/latest/meta-data/',
  ])('must also be in allowPrivateAddresses if it is private: %s', (url) => {
    expect(codeOf(policyOf(listed), url)).toBe('address-not-allowed');
    expect(codeOf(policyOf(listed, { private: listed }), url)).toBe('allowed');
  });

  it('need not be in allowPrivateAddresses if it is public', () => {
    expect(codeOf(policyOf(listed), 'https://93.184.215.14')).toBe('allowed');
  });
});

describe('a public address', () => {
  it.each(['1.1.1.1', '93.184.215.14', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '2a00:1450::1'])(
    'is %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.255.255.255',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:a00:1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '3fff::1',
    '5f00::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    '2606:4700::1%eth0',
    'fec0::1',
    'ff02::1',
    '',
    'localhost',
    '127.1',
    '2130706433',
  ])('is not %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('a host in the options', () => {
  it.each([
    ['api.example.com', { host: 'api.example.com', wildcard: false, port: undefined }],
    ['API.example.com:8443', { host: 'api.example.com', wildcard: false, port: '8443' }],
    ['*.example.com', { host: '.example.com', wildcard: true, port: undefined }],
    ['localhost', { host: 'localhost', wildcard: false, port: undefined }],
    ['[::1]:80', { host: '[::1]', wildcard: false, port: '80' }],
    ['0x7f.1', { host: '127.0.0.1', wildcard: false, port: undefined }],
  ])('may be written as %s', (text, pattern) => {
    expect(parseHostPattern(text)).toEqual(pattern);
  });

  it.each([
    '',
    '*',
    '*.com',
    '*.10.0.0.1',
    'a.*.com',
    'api.*',
    'https://api.example.com',
    'api.example.com/path',
    'user@api.example.com',
    'api.example.com:0',
    'api.example.com:70000',
    'api example.com',
    '::1',
    7,
    null,
  ])('can’t be %p', (text) => {
    expect(parseHostPattern(text)).toBeUndefined();
  });
});
