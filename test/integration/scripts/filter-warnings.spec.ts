import type { DataSource } from 'typeorm';
import type { JsonObject } from '../../../lib/common/json.js';
import type { ScriptService } from '../../../lib/scripts/script.service.js';
import { testDataSource } from '../../support/postgres.js';
import { newScript, scriptServices } from '../../support/script-services.js';

let dataSource: DataSource;
let service: ScriptService;

beforeAll(async () => {
  dataSource = await testDataSource();
});
beforeEach(() => {
  ({ service } = scriptServices(dataSource));
});

async function warningsOf(eventTypes: string[], filters: JsonObject | null): Promise<string[]> {
  const script = newScript({ name: crypto.randomUUID(), eventTypes, filters });
  return (await service.create('acme', script)).warnings;
}

describe('saving a script', () => {
  it.each<[string[], JsonObject | null]>([
    [['payment.created'], null],
    [['payment.created'], {}],
    [['payment.created'], { amount: { gt: 5 }, or: [{ currency: 'EUR' }, { currency: 'USD' }] }],
    [['payment.created', 'client.created'], { or: [{ amount: 5 }, { email: 'a@b.c' }] }],
    [['payment.created', 'client.created'], { amount: { exists: false } }],
    [['payment.needs_review'], { anything: 1 }],
    [['payment.created', 'payment.needs_review'], { or: [{ anything: 1 }, { amount: 1 }] }],
    [['client.*', 'payment.created'], { amount: 5 }],
    [['**'], { amount: 5, currency: 'EUR' }],
    [['orders.*'], { anything: 1 }],
  ])('for %j with the filter %j causes no warning', async (eventTypes, filters) => {
    expect(await warningsOf(eventTypes, filters)).toEqual([]);
  });

  it('warns of a field that its event type does not have, and suggests a similar one', async () => {
    expect(await warningsOf(['payment.created'], { or: [{ amuont: 5 }, { 'client.city': 'Rome' }] })).toEqual(
      [
        'Events of type payment.created have no field "amuont". Did you mean "amount"?',
        'Events of type payment.created have no field "client".',
      ],
    );
  });

  it('warns of a field that none of its event types has, also for patterns and within groups', async () => {
    const filters = { not: { emial: { endsWith: '.test' } } };
    const wanted = ['None of its event types has a field "emial". Did you mean "email"?'];
    expect(await warningsOf(['client.created', 'payment.created'], filters)).toEqual(wanted);
    expect(await warningsOf(['client.*'], filters)).toEqual(wanted);
    expect(await warningsOf(['**'], filters)).toEqual(wanted);
  });

  it('warns of an event type without a field that the filter needs', async () => {
    const types = ['payment.created', 'client.created', 'user.created'];
    expect(await warningsOf(types, { amount: { gt: 5 } })).toEqual([
      'Events of type client.created can\'t match the filter because they have no "amount".',
      'Events of type user.created can\'t match the filter because they have no "amount".',
    ]);
    expect(await warningsOf(['client.*', 'client.created', 'payment.*'], { amount: { gt: 5 } })).toEqual([
      'Events of type client.created can\'t match the filter because they have no "amount".',
    ]);
    expect(await warningsOf(['payment.created', 'payment.needs_review'], { amuont: 5 })).toEqual([
      'Events of type payment.created can\'t match the filter because they have no "amuont". Did you mean "amount"?',
    ]);
  });

  it('warns of a filter that no event can match, and names the field', async () => {
    expect(await warningsOf(['payment.created'], { amount: { gt: 5, lt: 3 }, curency: 'EUR' })).toEqual([
      'No event can match the filter: its conditions on "amount" exclude each other.',
      'Events of type payment.created have no field "curency". Did you mean "currency"?',
    ]);
    expect(await warningsOf(['payment.needs_review'], { 'a\u001b[2J': { eq: 'x', ne: 'x' } })).toEqual([
      'No event can match the filter: its conditions on "a\\x1b[2J" exclude each other.',
    ]);
  });

  it('warns of the current filter after each change', async () => {
    const script = newScript({ eventTypes: ['payment.created'], filters: { amuont: 5 }, active: true });
    const { id, warnings } = await service.create('acme', script);
    expect(warnings).toHaveLength(1);
    const update = async (changes: object): Promise<string[]> =>
      (await service.update('acme', id, changes)).warnings;
    expect(await update({ description: 'the same filter' })).toEqual(warnings);
    expect((await service.updateSource('acme', id, 'return 2;')).warnings).toEqual(warnings);
    expect(await update({ filters: { amount: 5 } })).toEqual([]);
    expect(await update({ eventTypes: ['client.created'] })).toEqual([
      'Events of type client.created have no field "amount".',
    ]);
    expect(await update({ filters: null })).toEqual([]);
  });

  it('stores no warnings, and makes a script active in spite of them', async () => {
    const script = newScript({ name: crypto.randomUUID(), filters: { emial: 'x' }, active: true });
    const saved = await service.create('globex', script);
    expect(saved).toMatchObject({ status: 'active', warnings: [expect.stringContaining('"emial"')] });
    const { warnings: _warnings, ...stored } = saved;
    expect({ ...(await service.get('globex', saved.id)) }).toEqual(stored);
  });

  it('warns of a stored invalid filter, instead of failing after the change', async () => {
    const { id } = await service.create('acme', newScript({ name: crypto.randomUUID() }));
    await dataSource.query(`UPDATE scripts SET filters = '{"amount": {"gtt": 5}}' WHERE id = $1`, [id]);
    expect((await service.update('acme', id, { description: 'changed' })).warnings).toEqual([
      expect.stringMatching(/^The script doesn't run because its stored filter is invalid: .*"gtt"/),
    ]);
    expect(await service.get('acme', id)).toMatchObject({ description: 'changed' });
  });
});
