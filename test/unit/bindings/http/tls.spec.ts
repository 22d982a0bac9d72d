import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { type Certificate, certificateAuthority } from '../../../support/certificates.js';
import { limitTests } from '../../../support/time-limits.js';

limitTests('busy');

const folder = mkdtempSync(join(tmpdir(), 'scripts-event-tls-'));
const authorityFile = join(folder, 'authority.pem');
const authority = certificateAuthority();
const servers: Server[] = [];

beforeAll(() => writeFileSync(authorityFile, authority.cert));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A server on the loopback address. `asked` has the name that each request's connection asked for. */
async function serve({ cert, key }: Certificate): Promise<{ port: number; asked: unknown[] }> {
  const asked: unknown[] = [];
  const server = createServer({ cert, key }, ({ socket }, response) => {
    asked.push((socket as TLSSocket & { servername: unknown }).servername);
    response.end('hello');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, asked };
}

/**
 * A program that calls a name at 127.0.0.1 and prints the answer or the error. Node.js reads the authorities that it
 * trusts at its start, so each set of them needs a process of its own.
 */
const CALL = `
  const { HttpClient } = require(${JSON.stringify(join(__dirname, '../../../../dist/lib/bindings/http/http.client.js'))});
  const [name, port] = process.argv.slice(1);
  const settings = {
    allowedHosts: [name + ':' + port], allowPrivateAddresses: [name], allowPlainHttp: false, methods: ['GET'],
    maxRequestBytes: 0, maxResponseBytes: 100, maxRedirects: 0, userAgent: 'test',
  };
  const lookup = (_name, _options, callback) => process.nextTick(callback, null, [{ address: '127.0.0.1', family: 4 }]);
  (async () => {
    const client = await HttpClient.open(settings, lookup);
    const caller = { tenantId: 'acme', executionId: 'run-1', signal: AbortSignal.timeout(60_000) };
    const answer = await client.fetch({ url: 'https://' + name + ':' + port + '/' }, caller).then(
      ({ body }) => ({ body }),
      ({ name: error, code, message }) => ({ error, code, message }),
    );
    await client.close();
    console.log(JSON.stringify(answer));
  })();
`;

async function call(name: string, port: number, env: NodeJS.ProcessEnv): Promise<unknown> {
  const args = ['-e', CALL, name, String(port)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return JSON.parse(stdout);
}

const trusting = { NODE_EXTRA_CA_CERTS: authorityFile };

const refusal = (name: string, port: number, code: string) => ({
  error: 'BindingCallError',
  code: 'network',
  message: `${name}:${port} could not be reached or did not answer with HTTP (${code})`,
});

describe('http.fetch over TLS', () => {
  it('refuses a certificate of an authority that nobody trusts, before it sends anything', async () => {
    const { port, asked } = await serve(authority.issue('a.test'));
    expect(await call('a.test', port, {})).toEqual(
      refusal('a.test', port, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
    );
    expect(asked).toEqual([]);
  });

  it('accepts a certificate of an authority that the process trusts, and asks the server for the name in the address', async () => {
    const { port, asked } = await serve(authority.issue('a.test'));
    expect(await call('a.test', port, trusting)).toEqual({ body: 'hello' });
    expect(asked).toEqual(['a.test']);
  });

  it('refuses a certificate for another name, even at the address that was checked', async () => {
    const { port, asked } = await serve(authority.issue('b.test', 'c.test'));
    const refused = refusal('a.test', port, 'ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await call('a.test', port, trusting)).toEqual(refused);
    expect(asked).toEqual([]);
    expect(await call('c.test', port, trusting)).toEqual({ body: 'hello' });
  });

  it('refuses a self-signed certificate', async () => {
    const { port, asked } = await serve(certificateAuthority());
    expect(await call('a.test', port, {})).toEqual(refusal('a.test', port, 'DEPTH_ZERO_SELF_SIGNED_CERT'));
    expect(asked).toEqual([]);
  });
});
