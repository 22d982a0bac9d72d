import { Injectable, Logger } from '@nestjs/common';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { Test } from '@nestjs/testing';
import { EventEmitterSource } from '../../../lib/events/event-emitter.source.js';
import { EVENT_TYPES } from '../../../lib/events/event-types.js';
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

  it.each(Object.values(EVENT_TYPES))('brings %s to the scripts, once', (type) => {
    host.source.open();
    host.emitter.emit(type, { tenantId: 'acme' });
    expect(host.router.events.map((event) => event.type)).toEqual([type]);
  });

  it('brings the host’s own types, once, however often it is opened', () => {
    host.source.open();
    host.source.open();
    host.emitter.emit('order.shipped', { tenantId: 'acme', orderId: 1, secret: 'x' });
    expect(host.router.events.map((event) => event.payload)).toEqual(['{"orderId":1}']);
  });

  it('brings nothing before the package is ready', () => {
    host.emitter.emit('user.created', { tenantId: 'acme' });
    expect(host.router.events).toEqual([]);
  });

  it('brings nothing after the intake is closed, and has no listener of ours left on the host’s types', () => {
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

  it('never sees an error of ours', () => {
    host.source.open();
    jest.spyOn(host.router, 'route').mockImplementation(() => {
      throw new Error('broken');
    });
    expect(host.emitter.emit('user.created', { tenantId: 'acme' })).toBe(true);
    expect(host.emitter.emit('order.shipped', null)).toBe(true);
    expect(heard).toEqual(['host']);
  });

  it('keeps the order of the host’s listeners', () => {
    host.emitter.on('order.shipped', () => heard.push('before'));
    jest.spyOn(host.router, 'route').mockImplementation((event) => {
      heard.push(event.type);
      return { scripts: 0, filtered: 0, queued: 0, kept: 0, dropped: 0 };
    });
    host.source.open();
    host.emitter.emit('order.shipped', { tenantId: 'acme' });
    expect(heard).toEqual(['before', 'order.shipped']);
  });
});
