import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { DeadLetterEntity, type DeadLetterStatus } from '../../../lib/entities/index.js';
import { ScriptNotFoundError } from '../../../lib/scripts/script.errors.js';
import { testDataSource } from '../../support/postgres.js';
import { newScript, scriptServices, type ScriptServices } from '../../support/script-services.js';

let dataSource: DataSource;
let services: ScriptServices;

beforeEach(async () => {
  dataSource ??= await testDataSource();
  services = scriptServices(dataSource);
});

async function addDeadLetter(tenantId: string, scriptId: string, status: DeadLetterStatus): Promise<string> {
  const id = uuidv7();
  const claim =
    status === 'retrying' ? { lockedBy: 'worker-1', lockedUntil: new Date(Date.now() + 60_000) } : {};
  const cause = { rootEventId: 'e1', depth: 0, budget: 1000, chain: [] };
  await dataSource.getRepository(DeadLetterEntity).insert({
    id,
    tenantId,
    scriptId,
    eventId: 'e1',
    eventType: 'user.created',
    payload: { userId: 1 },
    occurredAt: new Date(),
    cause,
    reason: 'failed',
    error: 'boom',
    status,
    nextRetryAt: status === 'pending' ? new Date() : null,
    ...claim,
  } as never);
  return id;
}

const deadLetter = (id: string): Promise<DeadLetterEntity> =>
  dataSource.getRepository(DeadLetterEntity).findOneByOrFail({ id });

describe('deleting a script', () => {
  it('deletes its versions, and removes it from the index at once', async () => {
    const { service, index } = services;
    const { warnings, ...script } = await service.create('acme', newScript({ active: true }));
    expect(warnings).toEqual([]);
    expect(index.has('user.created', 'acme')).toBe(true);
    expect(await service.delete('acme', script.id)).toEqual({ script, discardedDeadLetters: 0 });
    expect(index.has('user.created', 'acme')).toBe(false);
    await expect(service.get('acme', script.id)).rejects.toBeInstanceOf(ScriptNotFoundError);
    await expect(service.delete('acme', script.id)).rejects.toBeInstanceOf(ScriptNotFoundError);
    const [{ count }] = await dataSource.query(
      'SELECT count(*)::int FROM script_versions WHERE script_id = $1',
      [script.id],
    );
    expect(count).toBe(0);
  });

  it('discards its open dead letters with a note and the person, and ends the leases of those that a worker retries', async () => {
    const { id } = await services.service.create('acme', newScript({ name: 'Gone' }));
    const open = await Promise.all(
      (['pending', 'retrying', 'exhausted'] as const).map((status) => addDeadLetter('acme', id, status)),
    );
    expect(await services.service.delete('acme', id, 'ann')).toMatchObject({ discardedDeadLetters: 3 });
    for (const entry of await Promise.all(open.map(deadLetter))) {
      expect(entry).toMatchObject({
        status: 'discarded',
        resolvedBy: 'ann',
        note: 'Script "Gone" was deleted.',
      });
      expect(entry).toMatchObject({ nextRetryAt: null, lockedBy: null, lockedUntil: null });
      expect(entry.resolvedAt).toBeInstanceOf(Date);
    }
  });

  it('changes neither closed dead letters nor those of other scripts', async () => {
    const { id } = await services.service.create('acme', newScript());
    const other = await services.service.create('acme', newScript({ name: 'Other' }));
    const kept = [
      await addDeadLetter('acme', id, 'resolved'),
      await addDeadLetter('acme', id, 'discarded'),
      await addDeadLetter('acme', other.id, 'pending'),
    ];
    const before = await Promise.all(kept.map(deadLetter));
    expect(await services.service.delete('acme', id)).toMatchObject({ discardedDeadLetters: 0 });
    expect(await Promise.all(kept.map(deadLetter))).toEqual(before);
  });

  it('changes nothing if the deletion of the script or the discard of its dead letters fails', async () => {
    const { id } = await services.service.create('acme', newScript({ name: 'Held' }));
    const entry = await addDeadLetter('acme', id, 'pending');
    await dataSource.query('CREATE TABLE holder (script_id uuid REFERENCES scripts (id))');
    await dataSource.query('INSERT INTO holder VALUES ($1)', [id]);
    await expect(services.service.delete('acme', id)).rejects.toThrow(/foreign key/);
    await dataSource.query('DROP TABLE holder');
    expect(await deadLetter(entry)).toMatchObject({ status: 'pending' });
    expect(await services.service.get('acme', id)).toMatchObject({ name: 'Held' });
  });
});
