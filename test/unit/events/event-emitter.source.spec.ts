import { Injectable, Logger } from '@nestjs/common';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { Test } from '@nestjs/testing';
import { EventEmitterSource } from '../../../lib/events/event-emitter.source.js';
import { EVENT_TYPES } from '../../../lib/events/event-types.js';
import { intakeHealth } from '../../../lib/health/health.verdicts.js';
import { captureFor } from '../../support/capture.js';

const heard: string[] = [];

@Injectable()
class HostListener {
  @OnEvent('user.created')
  onUserCreated(): void {
    heard.push('host');
  }
}

beforeEach(() => {
  heard.length = 0;
  jest.spyOn(Logger.prototype, 'log').mockImplementation();
  jest.spyOn(Logger.prototype, 'warn').mockImplementation();
});
afterEach(() => jest.restoreAllMocks());

const removeEach = (remover: 'off' | 'removeListener') => (emitter: EventEmitter2) => {
  for (const listener of emitter.listeners('user.created').slice())
    emitter[remover]('user.created', listener as () => void);
};

async function start(wildcard: boolean) {
  const host = captureFor({ types: { 'order.shipped': { fields: ['orderId'] } } });
  const app = await Test.createTestingModule({
    imports: [EventEmitterModule.forRoot({ wildcard })],
    providers: [
      HostListener,
      {
        provide: EventEmitterSource,
        inject: [EventEmitter2],
        useFactory: (emitter: EventEmitter2) => new EventEmitterSource(emitter, host.registry, host.capture),
      },
    ],
  }).compile();
  await app.init();
  return { ...host, app, source: app.get(EventEmitterSource), emitter: app.get(EventEmitter2) };
}

describe.each([false, true])('the emitter of the host, with wildcard: %s', (wildcard) => {
  let host: Awaited<ReturnType<typeof start>>;
  beforeEach(async () => (host = await start(wildcard)));
  afterEach(() => host.app.close());

  it.each(Object.values(EVENT_TYPES))('passes %s on to scripts once', (type) => {
    host.source.open();
    host.emitter.emit(type, { tenantId: 'acme' });
    expect(host.router.events.map((event) => event.type)).toEqual([type]);
  });

  it('passes the host’s own types on once, however often the source is opened', () => {
    host.source.open();
    host.source.open();
    host.emitter.emit('order.shipped', { tenantId: 'acme', orderId: 1, secret: 'x' });
    expect(host.router.events.map((event) => event.payload)).toEqual(['{"orderId":1}']);
  });

  it('passes nothing on before the source is opened', () => {
    host.emitter.emit('user.created', { tenantId: 'acme' });
    expect(host.router.events).toEqual([]);
  });

  it('passes nothing on after the source is closed, and has no listener of the package left', () => {
    host.source.open();
    expect(host.emitter.listenerCount('order.shipped')).toBe(1);
    host.source.close();
    host.source.close();
    host.source.open();
    expect(host.emitter.listenerCount('order.shipped')).toBe(0);
    host.emitter.emit('user.created', { tenantId: 'acme' });
    host.emitter.emit('order.shipped', { tenantId: 'acme' });
    expect(host.router.events).toEqual([]);
    expect(heard).toEqual(['host']);
  });

  it('never sees an error of the package', () => {
    host.source.open();
    jest.spyOn(host.router, 'route').mockImplementation(() => {
      throw new Error('broken');
    });
    expect(host.emitter.emit('user.created', { tenantId: 'acme' })).toBe(true);
    expect(host.emitter.emit('order.shipped', null)).toBe(true);
    expect(heard).toEqual(['host']);
  });

  it('passes an event on before the listeners of the host run, so that one that throws does not keep it from scripts', () => {
    host.emitter.on('order.shipped', () => heard.push('first'));
    host.emitter.on('order.shipped', () => {
      throw new Error('SMTP is away');
    });
    jest.spyOn(host.router, 'route').mockImplementation((event) => {
      heard.push(event.type);
      return { scripts: 0, filtered: 0, queued: 0, kept: 0, dropped: 0, deferred: false };
    });
    host.source.open();
    const emit = () => host.emitter.emit('order.shipped', { tenantId: 'acme' });
    expect(emit).toThrow('SMTP is away');
    expect(heard).toEqual(['order.shipped', 'first']);
  });

  it.each<[string, (emitter: EventEmitter2) => void]>([
    ['removeAllListeners()', (emitter) => emitter.removeAllListeners()],
    ['removeAllListeners(type)', (emitter) => emitter.removeAllListeners('user.created')],
    ['off(type, each of its listeners)', removeEach('off')],
    ['removeListener(type, each of its listeners)', removeEach('removeListener')],
  ])(
    'loses no event to %s: the package listens again when the call returns, before later listeners',
    (_call, remove) => {
      const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
      host.source.open();
      remove(host.emitter);
      host.emitter.on('user.created', () => {
        throw new Error('SMTP is away');
      });
      expect(() => host.emitter.emit('user.created', { tenantId: 'acme' })).toThrow('SMTP is away');
      host.emitter.emit('order.shipped', { tenantId: 'acme' });
      expect(host.router.events.map((event) => event.type)).toEqual(['user.created', 'order.shipped']);
      expect(heard).toEqual([]);
      expect(warn).not.toHaveBeenCalled();
      expect(host.source.sinceLossMs).toBeNull();
    },
  );

  it.each([
    ['first', [0, 1]],
    ['second', [1, 0]],
  ])(
    'has its own methods again after two applications have closed their sources, the %s one first',
    (earlier, received) => {
      const second = captureFor({ types: {} });
      const other = new EventEmitterSource(host.emitter, second.registry, second.capture);
      const [one, last] = earlier === 'first' ? [host.source, other] : [other, host.source];
      host.source.open();
      other.open();
      one.close();
      host.emitter.removeAllListeners();
      host.emitter.emit('user.created', { tenantId: 'acme' });
      expect([host.router.events.length, second.router.events.length]).toEqual(received);
      last.close();
      host.emitter.removeAllListeners();
      expect(host.emitter.emit('user.created', { tenantId: 'acme' })).toBe(false);
      expect(host.emitter.listenerCount('user.created')).toBe(0);
    },
  );

  it('gets the package’s listeners back if they are removed past its methods, with one warning and degraded health', () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    jest.useFakeTimers({ doNotFake: ['performance'] });
    try {
      host.source.open();
      jest.advanceTimersByTime(5_000);
      expect(host.source.sinceLossMs).toBeNull();
      EventEmitter2.prototype.removeAllListeners.call(host.emitter);
      jest.advanceTimersByTime(5_000);
    } finally {
      jest.useRealTimers();
    }
    host.emitter.emit('user.created', { tenantId: 'acme' });
    host.emitter.emit('order.shipped', { tenantId: 'acme' });
    expect(host.router.events.map((event) => event.type)).toEqual(['user.created', 'order.shipped']);
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/bypassing its methods.*user\.created, .*order\.shipped\.$/)],
    ]);
    expect(host.source.sinceLossMs).toBeGreaterThanOrEqual(0);
    expect(intakeHealth('running', host.source.sinceLossMs)).toMatchObject({ status: 'degraded' });
    expect(intakeHealth('running', 600_000)).toMatchObject({ status: 'up' });
  });
});
