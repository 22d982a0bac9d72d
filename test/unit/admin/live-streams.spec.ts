import { EventEmitter, once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { LiveStream } from '../../../lib/admin/live/live-stream.js';
import { LiveStreams } from '../../../lib/admin/live/live-streams.js';
import type { News } from '../../../lib/nodes/tenant-news.js';

/** A response that keeps what a stream writes; its client reads, or doesn't. */
class Response extends EventEmitter {
  text = '';
  ended = false;
  destroyed = false;
  writableNeedDrain = false;

  writeHead(): this {
    return this;
  }
  write(text: string): boolean {
    this.text += text;
    return true;
  }
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.emit('close');
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
  get hints(): number {
    return this.text.match(/^event: changed$/gm)?.length ?? 0;
  }
}

describe('live streams', () => {
  let streams: LiveStreams;
  let watched: Map<string, Set<(news: News) => void>>;
  const open = (actor = 'ada', tenantId = 'acme'): Response => {
    const response = new Response();
    streams.place(actor, tenantId).begin(response as never, false);
    return response;
  };
  const tell = (news: News, tenantId = 'acme') => {
    for (const listener of watched.get(tenantId) ?? []) listener(news);
  };

  beforeEach(() => {
    jest.useFakeTimers();
    watched = new Map();
    streams = new LiveStreams({
      watch: (tenantId: string, listener: (news: News) => void) => {
        watched.set(tenantId, (watched.get(tenantId) ?? new Set()).add(listener));
        return () => watched.get(tenantId)?.delete(listener);
      },
    } as never);
  });
  afterEach(() => {
    streams.onModuleDestroy();
    if (jest.getTimerCount() > 0) throw new Error('a timer is left');
    for (const { size } of watched.values())
      if (size > 0) throw new Error('a stream that has ended still listens');
    jest.useRealTimers();
  });

  it('tell the first change immediately, and the changes of the following second together', () => {
    const response = open();
    tell({ changed: ['scripts'], eventTypes: [] });
    jest.advanceTimersByTime(0);
    expect(response.hints).toBe(1);
    for (let n = 0; n < 100; n++)
      tell({ changed: ['executions', 'deadLetters'], eventTypes: ['user.created'] });
    jest.advanceTimersByTime(999);
    expect(response.hints).toBe(1);
    jest.advanceTimersByTime(1);
    expect(response.text).toContain(
      'data: {"changed":["executions","deadLetters"],"eventTypes":["user.created"]}\n\n',
    );
    expect(response.hints).toBe(2);
    jest.advanceTimersByTime(10_000);
    expect(response.hints).toBe(2);
  });

  it('send a sign of life every 15 seconds, and end after five minutes', () => {
    const response = open();
    jest.advanceTimersByTime(299_000);
    expect(response.ended).toBe(false);
    expect(response.text.match(/^:$/gm)).toHaveLength(19);
    jest.advanceTimersByTime(1_000);
    expect(response.ended).toBe(true);
  });

  it('are closed if their client reads nothing from one sign of life to the next, and write no hints until then', () => {
    const response = open();
    response.writableNeedDrain = true;
    for (let n = 0; n < 14; n++) {
      tell({ changed: ['scripts'], eventTypes: [] });
      jest.advanceTimersByTime(1_000);
    }
    expect(response.hints).toBe(0);
    jest.advanceTimersByTime(1_000);
    expect(response.destroyed).toBe(false);
    jest.advanceTimersByTime(15_000);
    expect(response.destroyed).toBe(true);
  });

  it('write one hint about all changes that came while their client read nothing, once it reads again', () => {
    const response = open();
    response.writableNeedDrain = true;
    tell({ changed: ['scripts'], eventTypes: [] });
    jest.advanceTimersByTime(1_000);
    tell({ changed: ['executions'], eventTypes: ['user.created'] });
    jest.advanceTimersByTime(1_000);
    expect(response.hints).toBe(0);
    response.writableNeedDrain = false;
    response.emit('drain');
    jest.advanceTimersByTime(0);
    expect(response.hints).toBe(1);
    expect(response.text).toContain(
      'data: {"changed":["scripts","executions"],"eventTypes":["user.created"]}\n\n',
    );
    expect(response.listenerCount('drain')).toBe(0);
    tell({ changed: ['deadLetters'], eventTypes: [] });
    jest.advanceTimersByTime(1_000);
    expect(response.hints).toBe(2);
  });

  it('are limited to one hundred for each tenant, whatever other tenants have', () => {
    for (let n = 0; n < 100; n++) open(`user ${n}`);
    expect(() => open('one more')).toThrow(
      expect.objectContaining({ status: 429, code: 'too-many-streams' }),
    );
    open('one more', 'beta');
  });

  it('do not begin for a client that has gone, nor while the application stops', () => {
    const gone = new Response();
    gone.destroyed = true;
    streams.place('ada', 'acme').begin(gone as never, false);
    expect(gone.text).toBe('');
    streams.onModuleDestroy();
    expect(() => open()).toThrow(expect.objectContaining({ status: 503 }));
  });
});

describe('the stream of a client that does not read', () => {
  it('writes nothing after its end, and is closed by the next sign of life', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
    try {
      client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
      const errors: unknown[] = [];
      response.on('error', (error) => errors.push(error));
      const stream = new LiveStream(response);
      stream.begin();
      // More than the system buffers for a client that reads nothing.
      response.write(' '.repeat(20_000_000));
      stream.end();
      stream.hint({ changed: ['scripts'], eventTypes: [] });
      await new Promise(setImmediate);
      expect(response.destroyed).toBe(false);
      const closed = once(response, 'close');
      stream.beat();
      await closed;
      stream.hint({ changed: ['scripts'], eventTypes: [] });
      stream.beat();
      await new Promise(setImmediate);
      expect(errors).toEqual([]);
    } finally {
      client.destroy();
      server.close();
    }
  });
});
