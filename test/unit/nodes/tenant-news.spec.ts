import { NodeChannel, type NodeChannelListener } from '../../../lib/nodes/node-channel.js';
import { NodeMessages } from '../../../lib/nodes/node-messages.js';
import { type News, TenantNews } from '../../../lib/nodes/tenant-news.js';

/** The processes that hear each other immediately, and everything that they have said. */
class Wire {
  readonly said: string[][] = [];
  readonly hearers: ((text: string) => void)[] = [];
}

class WireChannel extends NodeChannel {
  readonly listening = true;

  constructor(private readonly wire: Wire) {
    super();
  }
  open(_listener: NodeChannelListener): () => Promise<void> {
    return () => Promise.resolve();
  }
  hear(heard: (text: string) => void): void {
    this.wire.hearers.push(heard);
  }
  say(texts: readonly string[]): Promise<void> {
    this.wire.said.push([...texts]);
    for (const text of texts) for (const heard of this.wire.hearers) heard(text);
    return Promise.resolve();
  }
}

describe('news of tenants', () => {
  let wire: Wire;
  let nodes: TenantNews[];
  const node = (): TenantNews => {
    const channel = new WireChannel(wire);
    const clock = { now: () => Date.now() } as never;
    const news = new TenantNews(new NodeMessages(channel), channel, clock);
    nodes.push(news);
    return news;
  };
  /** Statements with news, without those that say which tenants are watched. */
  const told = () => wire.said.filter((texts) => texts.some((text) => text.includes('"kind":"news"')));

  beforeEach(() => {
    jest.useFakeTimers();
    wire = new Wire();
    nodes = [];
  });
  afterEach(() => {
    for (const news of nodes) news.onModuleDestroy();
    if (jest.getTimerCount() > 0) throw new Error('a timer is left');
    jest.useRealTimers();
  });

  it('cost no statement and no timer while nobody watches the tenant', () => {
    const [one] = [node(), node()];
    for (let n = 0; n < 1_000; n++) one?.tell('acme', 'executions');
    expect(jest.getTimerCount()).toBe(0);
    expect(wire.said).toEqual([]);
  });

  it('are sent in at most one statement a second, however many changes and tenants there are', () => {
    const [one, two] = [node(), node()] as [TenantNews, TenantNews];
    const heard: News[] = [];
    for (let n = 0; n < 50; n++) two.watch(`tenant ${n}`, (news) => heard.push(news));
    for (let ms = 0; ms < 10_000; ms += 10) {
      for (let n = 0; n < 50; n++) one.tell(`tenant ${n}`, 'executions');
      jest.advanceTimersByTime(10);
    }
    expect(told().length).toBeGreaterThan(0);
    expect(told().length).toBeLessThanOrEqual(11);
    for (const texts of told()) for (const text of texts) expect(text.length).toBeLessThan(7_900);
    expect(heard.length).toBe(told().length * 50);
  });

  it('reach only those who watch the same tenant', () => {
    const [one, two] = [node(), node()] as [TenantNews, TenantNews];
    const heard: Record<string, News[]> = { acme: [], beta: [] };
    two.watch('acme', (news) => heard.acme?.push(news));
    one.watch('beta', (news) => heard.beta?.push(news));
    one.tell('acme', 'deadLetters');
    one.seen('acme', 'user.created');
    jest.advanceTimersByTime(2_000);
    expect(heard).toEqual({ acme: [{ changed: ['deadLetters'], eventTypes: ['user.created'] }], beta: [] });
  });

  it('are no longer sent a minute after the last process has stopped watching', () => {
    const [one, two] = [node(), node()] as [TenantNews, TenantNews];
    const stop = two.watch('acme', () => undefined);
    jest.advanceTimersByTime(200_000);
    one.tell('acme', 'executions');
    jest.advanceTimersByTime(2_000);
    expect(told()).toHaveLength(1);
    stop();
    jest.advanceTimersByTime(71_000);
    one.tell('acme', 'executions');
    jest.advanceTimersByTime(2_000);
    expect(told()).toHaveLength(1);
    one.tell('acme', 'executions');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('of scripts come from notifications of the database, for the tenant that these name', () => {
    const one = node();
    const heard: News[] = [];
    one.watch('acme corp', (news) => heard.push(news));
    for (const hear of wire.hearers) {
      hear('0198c0de-0000-7000-8000-000000000000 acme corp');
      hear('0198c0de-0000-7000-8000-000000000000 beta');
      hear('0198c0de-0000-7000-8000-000000000000');
    }
    expect(heard).toEqual([{ changed: ['scripts'], eventTypes: [] }]);
  });

  it('are ignored as far as they are malformed', () => {
    const one = node();
    const heard: News[] = [];
    one.watch('acme', (news) => heard.push(news));
    const bodies = [
      { news: 7 },
      { news: [null, 7, { tenantId: {} }] },
      { news: [{ tenantId: 'acme', changed: 'scripts', eventTypes: { length: 1 } }] },
      {
        news: [{ tenantId: 'acme', changed: ['everything', 'scripts'], eventTypes: ['<b>', 'user.created'] }],
      },
    ];
    for (const body of bodies)
      for (const hear of wire.hearers) hear(JSON.stringify({ from: 'x', kind: 'news', body }));
    for (const hear of wire.hearers)
      hear(JSON.stringify({ from: 'x', kind: 'watched', body: { tenants: [7, 'a'.repeat(201)] } }));
    expect(heard).toEqual([
      { changed: [], eventTypes: [] },
      { changed: ['scripts'], eventTypes: ['user.created'] },
    ]);
  });
});
