import { Logger } from '@nestjs/common';
import type { EventsOptions } from '../../../lib/options/events.options.js';
import { captureFor } from '../../support/capture.js';

let warn: jest.SpyInstance;
beforeEach(() => (warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation()));
afterEach(() => jest.restoreAllMocks());

function tenantOf(emitted: object, events: Partial<EventsOptions> = {}): string | undefined {
  const { capture, router } = captureFor(events);
  capture.capture('user.created', emitted);
  return router.events[0]?.tenantId;
}

describe('the tenant of an event', () => {
  it.each([
    ['acme', 'acme'],
    [42, '42'],
    [42n, '42'],
  ])('is the event’s own: %p', (tenantId, expected) => {
    expect(tenantOf({ tenantId }, { tenantResolver: () => 'other', defaultTenantId: 'main' })).toBe(expected);
  });

  it('comes from the resolver if the event has none', () => {
    const tenantResolver = (event: unknown, type: string) => `${(event as { org: string }).org} ${type}`;
    expect(tenantOf({ org: 'acme' }, { tenantResolver, defaultTenantId: 'main' })).toBe('acme user.created');
  });

  it.each([undefined, null])(
    'is the default if neither the event nor the resolver has one (%p)',
    (tenantId) => {
      expect(tenantOf({ tenantId }, { tenantResolver: () => undefined, defaultTenantId: 'main' })).toBe(
        'main',
      );
    },
  );

  it.each([
    [''],
    [' \t'],
    [{ id: 1 }],
    [true],
    [Number.NaN],
    ['x'.repeat(201)],
    ['a\0b'],
    ['\ud800'],
    [Symbol('x')],
  ])('is not the default if the event’s own is not a valid id: %p', (tenantId) => {
    expect(tenantOf({ tenantId }, { defaultTenantId: 'main' })).toBeUndefined();
  });

  it('is not the default if the resolver throws or returns a promise', () => {
    const fails = () => {
      throw new Error('no context');
    };
    const later = (async () => 'acme') as unknown as () => string;
    expect(tenantOf({}, { tenantResolver: fails, defaultTenantId: 'main' })).toBeUndefined();
    expect(tenantOf({}, { tenantResolver: later, defaultTenantId: 'main' })).toBeUndefined();
  });
});

describe('an event without tenant', () => {
  it('is refused and counted, and no script runs for it', () => {
    const { capture, metrics, presence, router } = captureFor();
    expect(capture.capture('user.created', { userId: 1 })).toMatchObject({
      outcome: 'refused',
      error: { reason: 'no-tenant', code: 'event-refused' },
    });
    expect(metrics.eventMetrics().droppedByReason).toEqual({ no_tenant: 1 });
    expect(presence.asked).toEqual([]);
    expect(router.events).toEqual([]);
  });

  it('is logged with advice, once a minute for each type', () => {
    const { capture, clock } = captureFor();
    for (let i = 0; i < 5; i++) capture.capture('user.created', {});
    capture.capture('client.created', {});
    expect(warn).toHaveBeenCalledTimes(2);
    expect(warn.mock.calls[0][0]).toContain('add a tenantId to the event, or set events.tenantResolver');
    clock.time += 60_000;
    capture.capture('user.created', {});
    expect(warn).toHaveBeenCalledTimes(3);
    expect(warn.mock.calls[2][0]).toContain('4 more since');
  });
});
