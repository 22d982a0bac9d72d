import { EventRegistry } from '../../../lib/events/event-registry.js';
import type {
  CreateScript,
  DomainEventPayloads,
  EventTypeName,
  DomainEventPublisher,
  ScriptsEventModuleOptions,
} from '../../../lib/index.js';
import { ScriptsEventOptionsError } from '../../../lib/options/options.errors.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

declare module '../../../lib/index.js' {
  interface DomainEventPayloads {
    'parcel.weighed': { parcelId: string; grams: number };
  }
}

const script = { name: 'Welcome', eventTypes: ['user.created'], source: 'return 1;' };

// The errors that are expected here are errors of the compiler, which `npm run typecheck` runs.
describe('the types of options', () => {
  it('accept durations as milliseconds and as text with a unit', () => {
    const options: ScriptsEventModuleOptions = {
      shutdownTimeout: 20_000,
      retry: { initialDelay: '1m', maxDelay: '1.5 h' },
      retention: { completedExecutions: '30d', exhaustedDeadLetters: 'never' },
    };
    expect(resolveOptions(options, {})).toMatchObject({
      shutdownTimeoutMs: 20_000,
      retry: { initialDelayMs: 60_000, maxDelayMs: 5_400_000 },
      retention: { exhaustedDeadLettersMs: Infinity },
    });
  });

  it('refuse text that is not a duration, as the start of the application does', () => {
    const wrong: ScriptsEventModuleOptions[] = [
      // @ts-expect-error -- no such unit
      { retry: { initialDelay: '1 minute' } },
      // @ts-expect-error -- no number
      { sandbox: { timeout: 'soon' } },
      // @ts-expect-error -- an interval comes to pass
      { retention: { interval: 'never' } },
    ];
    for (const options of wrong) expect(() => resolveOptions(options, {})).toThrow(ScriptsEventOptionsError);
  });

  it('accept only filters that are JSON', () => {
    const valid: CreateScript = {
      ...script,
      filters: { amount: { gte: 10 }, tags: ['a', 'b'], or: [{ a: 1 }] },
    };
    // @ts-expect-error -- a Date is not JSON: write its text
    const date: CreateScript = { ...script, filters: { at: { gte: new Date(0) } } };
    // @ts-expect-error -- a function is not JSON
    const call: CreateScript = { ...script, filters: { at: () => 1 } };
    expect([valid, date, call]).toHaveLength(3);
  });

  it('offer the event types of the catalogue and of the host, and accept any other text', () => {
    const known: (keyof DomainEventPayloads)[] = ['user.created', 'parcel.weighed'];
    // @ts-expect-error -- what editors offer is the known ones: this is none
    const unknown: keyof DomainEventPayloads = 'parcel.wieghed';
    const names: string[] = ['a.b'];
    const scripts: CreateScript[] = [[...known, unknown], names].map((eventTypes) => ({
      ...script,
      eventTypes,
    }));
    const read: string[][] = scripts.map(({ eventTypes = [] }) => eventTypes);
    const all: EventTypeName[] = read.flat();
    expect(all).toEqual(['user.created', 'parcel.weighed', 'parcel.wieghed', 'a.b']);
  });

  it('check the fields and payloads of event types that the host has added', () => {
    const options: ScriptsEventModuleOptions = {
      events: { types: { 'parcel.weighed': { fields: ['parcelId', 'grams'] }, 'a.b': { fields: ['any'] } } },
    };
    const wrong: ScriptsEventModuleOptions = {
      // @ts-expect-error -- the payload has no such field
      events: { types: { 'parcel.weighed': { fields: ['parcelId', 'kilos'] } } },
    };
    const publish = (publisher: DomainEventPublisher): Promise<unknown>[] => [
      publisher.publish('parcel.weighed', { parcelId: 'a', grams: 1 }),
      // @ts-expect-error -- grams are a number
      publisher.publish('parcel.weighed', { parcelId: 'a', grams: 'many' }),
      publisher.publish('a.b', { any: 1 }),
    ];
    expect(publish).toBeDefined();
    const types = [options, wrong].map((given) => resolveOptions(given, {}).events.types);
    expect(types.map((each) => new EventRegistry(each).get('parcel.weighed')?.fields)).toEqual([
      ['parcelId', 'grams'],
      ['parcelId', 'kilos'],
    ]);
  });
});
