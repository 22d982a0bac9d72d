import { NodeChannel } from '../../lib/nodes/node-channel.js';
import { ScriptService } from '../../lib/index.js';
import { waitFor } from '../support/wait-for.js';
import { type Adapter, AdminHost } from './support/admin-host.js';
import { LiveClient } from './support/live-client.js';
import { ADA, TestHost } from './support/test-host.js';

const listening = (host: TestHost) =>
  waitFor('the process hears the others', () => host.get(NodeChannel).listening);

describe.each<Adapter>(['Express', 'Fastify'])('the live stream on %s', (adapter) => {
  let admin: AdminHost;
  beforeAll(async () => {
    admin = await AdminHost.start({ adapter, busy: true, options: { retry: { maxRetries: 0 } } });
  });
  afterAll(() => admin.close());

  it('reports changes of the tenant that this process makes, and those that another one makes', async () => {
    const other = await TestHost.start({
      database: admin.host.database,
      options: { retry: { maxRetries: 0 } },
    });
    await Promise.all([listening(admin.host), listening(other)]);
    const client = await LiveClient.open(admin);
    expect(client.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-dns-prefetch-control': 'off',
    });
    // The other process reports changes only after it has learned that somebody listens.
    await waitFor('the other process tells', async () => {
      other.emit('client.created', { tenantId: 'acme', clientId: 1 });
      return client.text.includes('client.created');
    });
    const id = await other.script('throw new Error("no");');
    await client.heard('scripts');
    other.emit('user.created', { tenantId: 'acme', ...ADA });
    await client.heard('executions');
    const heard = await client.heard('deadLetters');
    expect(heard.eventTypes).toContain('user.created');
    admin.host.emit('payment.created', { tenantId: 'acme', paymentId: 1 });
    await client.heard('payment.created');
    await other.get(ScriptService).delete('acme', id);
    client.close();
  });

  it('reports nothing of another tenant', async () => {
    await listening(admin.host);
    const [ada, ben] = [await LiveClient.open(admin), await LiveClient.open(admin, 'ben')];
    const id = await admin.host.script('throw new Error("no");');
    admin.host.emit('user.created', { tenantId: 'acme', ...ADA });
    await ada.heard('scripts');
    await ada.heard('deadLetters');
    await ada.heard('user.created');
    admin.host.emit('client.created', { tenantId: 'beta', clientId: 1 });
    await ben.heard('client.created');
    expect(ben.hints).toEqual([{ changed: [], eventTypes: ['client.created'] }]);
    await admin.host.get(ScriptService).delete('acme', id);
    for (const client of [ada, ben]) client.close();
  });

  it('is refused to sessions without the permission or the tenant', async () => {
    expect((await LiveClient.open(admin, 'eve')).response.statusCode).toBe(403);
    expect((await LiveClient.open(admin, 'nobody')).response.statusCode).toBe(401);
    expect((await LiveClient.open(admin, 'ben', '?tenant=acme')).response.statusCode).toBe(404);
    const operator = await LiveClient.open(admin, 'olga', '?tenant=acme');
    expect(operator.response.statusCode).toBe(200);
    operator.close();
  });

  it('can be open eight times for one person; a ninth gets 429 until one of them closes', async () => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => LiveClient.open(admin, 'ben')));
    const refused = await LiveClient.open(admin, 'ben');
    expect(refused.response.statusCode).toBe(429);
    expect(refused.response.headers['retry-after']).toBe('30');
    const another = await LiveClient.open(admin, 'ada');
    expect(another.response.statusCode).toBe(200);
    clients.pop()?.close();
    await waitFor('a place is free', async () => {
      const again = await LiveClient.open(admin, 'ben');
      clients.push(again);
      return again.response.statusCode === 200;
    });
    for (const client of [...clients, another]) client.close();
  });

  it('answers HEAD without staying open', async () => {
    const { status, headers } = await fetch(`${await admin.address()}/live`, {
      method: 'HEAD',
      headers: { 'x-user': 'ada' },
    });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });

  it('ends when the application stops, and does not keep the application from stopping', async () => {
    const client = await LiveClient.open(admin);
    await admin.close();
    await waitFor('the stream has ended', () => client.ended);
  });
});
