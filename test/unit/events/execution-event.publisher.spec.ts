import { Logger } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import type { JsonValue } from '../../../lib/common/json.js';
import { HostEventEmitter } from '../../../lib/events/host-event.emitter.js';
import type { ScriptEvent } from '../../../lib/events/host-events.js';
import { ExecutionEventPublisher } from '../../../lib/events/execution-event.publisher.js';
import { captureFor, NOW } from '../../support/capture.js';
import { queuedEvent } from '../../support/queued-events.js';

let warn: jest.SpyInstance;
let error: jest.SpyInstance;
beforeEach(() => {
  warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  error = jest.spyOn(Logger.prototype, 'error').mockImplementation();
});
afterEach(() => jest.restoreAllMocks());

function setUp() {
  const host = captureFor({
    types: { 'order.shipped': { fields: ['id'] } },
    maxPublishedPerRun: 3,
    maxPayloadBytes: 100,
  });
  const emitter = new EventEmitter2();
  const { registry, router, metrics, clock, options } = host;
  const publisher = new ExecutionEventPublisher(
    registry,
    router,
    new HostEventEmitter(emitter),
    metrics,
    clock,
    options,
  );
  const told: ScriptEvent[] = [];
  emitter.on('script.event', (event: ScriptEvent) => told.push(event));
  const parent = queuedEvent({ tenantId: 'acme', actor: { id: 'u1' } });
  const publish = async (...published: { type: string; payload: JsonValue }[]) => {
    const execution = { event: parent, scriptId: 's1', scriptName: 'Greet', executionId: 'x1', published };
    const result = await publisher.publish(execution);
    publisher.tell(execution, result);
    return result;
  };
  return { ...host, emitter, parent, publish, told };
}

describe('the events that a script published', () => {
  it('are routed with the tenant, actor and cause of the execution', async () => {
    const { metrics, parent, publish, router } = setUp();
    const { published, refused } = await publish(
      { type: 'client.welcomed', payload: { id: 1 } },
      { type: 'client.scored', payload: { score: 9, tenantId: 'other', cause: { depth: 0 } } },
    );
    expect(refused).toEqual([]);
    expect(published.map(({ event }) => event)).toEqual(router.events);
    expect(router.events[0]).toEqual({
      id: expect.any(String),
      type: 'client.welcomed',
      tenantId: 'acme',
      payload: '{"id":1}',
      occurredAt: NOW,
      actor: { id: 'u1' },
      cause: {
        rootEventId: parent.id,
        depth: 1,
        budget: 500,
        chain: [{ eventId: parent.id, scriptId: 's1', executionId: 'x1' }],
      },
    });
    expect(router.events[1]).toMatchObject({ tenantId: 'acme', cause: { depth: 1, budget: 499 } });
    expect(metrics.eventMetrics().eventsReceived).toBe(2);
  });

  it('reach the host as script.event, each with a copy of its payload', async () => {
    const { publish, router, told } = setUp();
    const payload = { nested: { id: 1 } };
    await publish({ type: 'client.welcomed', payload });
    expect(told).toEqual([
      {
        id: router.events[0]?.id,
        type: 'client.welcomed',
        tenantId: 'acme',
        payload,
        occurredAt: NOW,
        depth: 1,
        scriptId: 's1',
        executionId: 'x1',
      },
    ]);
    const [copy] = told.map((event) => event.payload as typeof payload);
    if (copy) copy.nested.id = 2;
    expect(copy).toEqual({ nested: { id: 2 } });
    expect(payload.nested.id).toBe(1);
  });

  it('are routed even if a listener of the host throws', async () => {
    const { emitter, publish, router } = setUp();
    emitter.on('script.event', () => {
      throw new Error('host bug');
    });
    await publish({ type: 'a.b', payload: {} }, { type: 'a.c', payload: {} });
    expect(router.events.map((event) => event.type)).toEqual(['a.b', 'a.c']);
    // The log has one line a minute, with the number of the others.
    expect(error).toHaveBeenCalledTimes(1);
  });

  it('have an empty payload if the script gives none', async () => {
    const { publish, router } = setUp();
    await publish({ type: 'a.b', payload: null });
    expect(router.events[0]?.payload).toBe('{}');
  });

  it.each<[string, JsonValue, string]>([
    ['user.created', {}, 'only the host can publish'],
    ['order.shipped', {}, 'only the host can publish'],
    ['script.event', {}, 'only the host can publish'],
    ['script.execution.completed', {}, 'only the host can publish'],
    ['a.*', {}, 'is not a valid event type'],
    ['', {}, 'is not a valid event type'],
    ['x\nforged log line', {}, 'is not a valid event type'],
    ['a.b', 'text', 'must be an object'],
    ['a.b', [1], 'must be an object'],
    ['a.b', { text: 'x'.repeat(100) }, 'events.maxPayloadBytes'],
  ])(
    'are refused as %j with payload %j, counted and logged, and use no budget',
    async (type, payload, problem) => {
      const { metrics, publish, router, told } = setUp();
      const { refused } = await publish({ type, payload }, { type: 'fine.event', payload: {} });
      expect(refused).toEqual([{ type, problem: expect.stringContaining(problem) }]);
      expect(router.events).toEqual([
        expect.objectContaining({ type: 'fine.event', cause: expect.objectContaining({ budget: 999 }) }),
      ]);
      expect(told).toHaveLength(1);
      expect(metrics.eventMetrics().droppedByReason).toEqual({ invalid: 1 });
      expect(warn.mock.calls[0][0]).toMatch(/^[^\n]*$/);
    },
  );

  it('are refused beyond the number that one execution may publish', async () => {
    const { publish, router } = setUp();
    const { refused } = await publish(...Array.from({ length: 5 }, () => ({ type: 'a.b', payload: {} })));
    expect(router.events).toHaveLength(3);
    expect(refused).toHaveLength(2);
  });

  describe('with a durable buffer', () => {
    it('are stored with the same ids in each run of the script for the same event', async () => {
      const { publish, router } = setUp();
      const stored = jest.spyOn(router, 'routePublished');
      const both = [
        { type: 'a.b', payload: {} },
        { type: 'a.b', payload: {} },
      ];
      await publish(...both);
      await publish(...both);
      expect(stored).toHaveBeenCalledTimes(2);
      const ids = router.events.map(({ id }) => id);
      expect(ids.slice(0, 2)).toEqual(ids.slice(2));
      expect(new Set(ids).size).toBe(2);
    });

    it('are not emitted, and fail their execution, while the database is unavailable', async () => {
      const { publish, router, told } = setUp();
      const away = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
      jest.spyOn(router, 'routePublished').mockRejectedValue(away);
      await expect(publish({ type: 'a.b', payload: {} })).rejects.toBe(away);
      expect(told).toEqual([]);
    });

    it('are refused, counted and logged if the database refuses their content', async () => {
      const { metrics, publish, router, told } = setUp();
      jest
        .spyOn(router, 'routePublished')
        .mockRejectedValue(Object.assign(new Error('bad value'), { code: '22021' }));
      const { published, refused } = await publish({ type: 'a.b', payload: {} });
      expect([published, told]).toEqual([[], []]);
      expect(refused).toEqual([{ type: 'a.b', problem: 'the database rejected it: bad value' }]);
      expect(metrics.eventMetrics().droppedByReason).toEqual({ storage: 1 });
      expect(warn).toHaveBeenCalledTimes(1);
    });
  });
});
