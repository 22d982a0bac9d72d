import { Logger } from '@nestjs/common';
import type { QueuedEvent } from '../../../lib/buffer/queued-event.js';
import { createTestSchema, type TestSchema } from '../../support/postgres.js';
import { newScript } from '../../support/script-services.js';
import { itInFull } from '../../support/test-form.js';
import { waitFor } from '../../support/wait-for.js';
import { expire, hourAgo, rewind, rows, ScheduleNode } from './schedules.fixture.js';

const HOURLY = { cron: '0 * * * *' };

let schema: TestSchema;
let nodes: ScheduleNode[];

const node = (options?: { room?: number; watchMs?: number }): ScheduleNode => {
  const made = new ScheduleNode(schema.dataSource, options);
  nodes.push(made);
  return made;
};
const inputOf = (event: QueuedEvent | undefined): unknown => JSON.parse(event?.payload ?? 'null');

beforeEach(async () => {
  schema = await createTestSchema();
  nodes = [];
  jest.spyOn(Logger.prototype, 'warn').mockImplementation();
});
afterEach(async () => {
  await Promise.all(nodes.map((one) => one.close()));
  jest.restoreAllMocks();
});

describe('a time of a schedule', () => {
  it('makes one event, with the time, the previous time and the payload', async () => {
    const one = node();
    const id = await one.script([{ ...HOURLY, payload: { list: 'weekly' } }]);
    await one.runner.look();
    expect(one.taken()).toEqual([]);

    expect(await one.runner.overdueMs()).toBe(0);

    await rewind(schema.dataSource);
    const hour = await hourAgo(schema.dataSource);
    expect(await one.runner.overdueMs()).toBeGreaterThan(0);
    await one.runner.look();
    expect(await one.runner.overdueMs()).toBe(0);
    const [event, ...more] = one.taken();
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      type: 'schedule',
      tenantId: 'acme',
      scriptId: id,
      occurredAt: hour,
      attempt: 1,
    });
    expect(inputOf(event)).toEqual({ scheduledFor: hour, previousRunAt: null, payload: { list: 'weekly' } });

    await one.runs.ended(event as QueuedEvent);
    await one.runs.close(1_000);
    expect(await rows(schema.dataSource)).toMatchObject([{ previousAt: new Date(hour), openEvent: null }]);
  });

  it('makes one event over all processes, however often each of them looks', async () => {
    const all = [node(), node(), node()];
    const [one] = all as [ScheduleNode];
    for (let n = 0; n < 60; n++) await one.script([HOURLY], `Digest ${n}`, `tenant ${n % 7}`);
    for (const { scripts } of all) await scripts.sync.poll();
    await rewind(schema.dataSource);
    await Promise.all(all.flatMap(({ runner }) => [runner.look(), runner.look()]));
    const ids = all.flatMap((each) => each.taken().map(({ id }) => id));
    expect(ids).toHaveLength(60);
    expect(new Set(ids).size).toBe(60);
  });

  it('is caught up once, for the latest time, if no process acted for hours', async () => {
    const one = node();
    await one.script([HOURLY]);
    const other = await one.script([{ ...HOURLY, catchUp: 'none' }], 'Never late');
    // Later than `missedAfter` allows, unless the hour has just begun.
    await rewind(schema.dataSource, 500);
    const hour = await hourAgo(schema.dataSource);
    await one.runner.look();
    const events = one.taken().filter(({ scriptId }) => scriptId !== other);
    expect(events.map(inputOf)).toMatchObject([{ scheduledFor: hour }]);
    expect(one.metrics.scheduleMetrics().missed).toBeGreaterThan(100);
    await one.runner.look();
    expect(one.taken()).toEqual([]);
    expect((await rows(schema.dataSource)).every(({ nextAt }) => nextAt && nextAt > new Date())).toBe(true);
  });
});

describe('the last run of a schedule', () => {
  it('delays the next time until it has ended with overlap "queue", and makes it skipped with "skip"', async () => {
    const one = node();
    const skipping = await one.script([HOURLY], 'Skips');
    const queueing = await one.script([{ ...HOURLY, overlap: 'queue' }], 'Queues');
    await rewind(schema.dataSource, 1);
    // Makes the previous hour due.
    await schema.dataSource.query(`UPDATE script_schedules SET next_at = next_at, due_at = now()`);
    await one.runner.look();
    const first = one.taken();
    expect(first.map(({ scriptId }) => scriptId).toSorted()).toEqual([skipping, queueing].toSorted());

    await rewind(schema.dataSource);
    await one.runner.look();
    expect(one.taken()).toEqual([]);
    expect(one.metrics.scheduleMetrics().skipped).toBe(1);

    for (const event of first) await one.runs.ended(event);
    await one.runs.close(1_000);
    await one.runner.look();
    expect(one.taken().map(({ scriptId }) => scriptId)).toEqual([queueing]);
  });

  it('is due again with the same event after the lease if its process has died', async () => {
    const [victim, survivor] = [node(), node()];
    await victim.script([HOURLY]);
    await survivor.scripts.sync.poll();
    await rewind(schema.dataSource);
    await victim.runner.look();
    const [lost] = victim.taken();
    await survivor.runner.look();
    expect(survivor.taken()).toEqual([]);

    await expire(schema.dataSource);
    await survivor.runner.look();
    await survivor.runner.look();
    const [again] = survivor.taken();
    expect(again?.id).toBe(lost?.id);
    expect(inputOf(again)).toEqual(inputOf(lost));
  });

  it('is due again even with catchUp "none" and long after its time if its process has died', async () => {
    const [victim, survivor] = [node(), node()];
    await victim.script([{ ...HOURLY, catchUp: 'none' }]);
    await survivor.scripts.sync.poll();
    await rewind(schema.dataSource);
    // As if the hour had just begun.
    await schema.dataSource.query(`UPDATE script_schedules SET from_at = next_at`);
    await victim.runner.look();
    const [lost] = victim.taken();
    await expire(schema.dataSource);
    await survivor.runner.look();
    await survivor.runner.look();
    expect(survivor.taken().map(({ id }) => id)).toEqual([lost?.id]);
  });

  it('is not taken over from a living process after the database was away for longer than the lease', async () => {
    const [owner, other] = [node({ watchMs: 60_000 }), node({ watchMs: 60_000 })];
    await owner.script([HOURLY]);
    await other.scripts.sync.poll();
    await rewind(schema.dataSource);
    await owner.runner.look();
    const [event] = owner.taken();
    await expire(schema.dataSource);
    // The process that doesn't have the run is the first to reach the database again.
    await other.runner.look();
    await other.runner.look();
    expect(other.taken()).toEqual([]);
    jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 120_000);
    expect(await owner.runs.mayBegin(event as QueuedEvent)).toBe(true);
    jest.restoreAllMocks();
    await owner.runs.ended(event as QueuedEvent);
    await owner.runs.close(1_000);
    expect(await rows(schema.dataSource)).toMatchObject([{ openEvent: null }]);
  });

  it('is neither begun nor ended by its former process after another process has taken it over', async () => {
    const [former, present] = [node(), node()];
    await former.script([HOURLY]);
    await present.scripts.sync.poll();
    await rewind(schema.dataSource);
    await former.runner.look();
    const [event] = former.taken() as [QueuedEvent];
    expect(await former.runs.mayBegin(event)).toBe(true);
    await expire(schema.dataSource);
    await present.runner.look();
    await present.runner.look();
    expect(present.taken().map(({ id }) => id)).toEqual([event.id]);
    const before = await rows(schema.dataSource);
    jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 120_000);
    expect(await former.runs.mayBegin(event)).toBe(false);
    jest.restoreAllMocks();
    expect(await present.runs.mayBegin(event)).toBe(true);
    await former.runs.ended(event);
    await former.runs.close(1_000);
    expect(await rows(schema.dataSource)).toMatchObject([{ openEvent: before[0]?.openEvent }]);
    expect(before[0]?.openEvent).toBe(event.id);
  });

  it('may still begin from memory after its schedule was edited', async () => {
    const one = node();
    const id = await one.script([HOURLY]);
    await rewind(schema.dataSource);
    await one.runner.look();
    const [event] = one.taken() as [QueuedEvent];
    await one.scripts.service.update('acme', id, { schedules: [{ cron: '30 * * * *' }] });
    jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 120_000);
    expect(await one.runs.mayBegin(event)).toBe(true);
  });

  it('counts as running after a failure until its dead letter is stored', async () => {
    const one = node();
    await one.script([HOURLY]);
    await one.script([HOURLY], 'Another digest');
    await rewind(schema.dataSource);
    await one.runner.look();
    const [kept, lost] = one.taken() as [QueuedEvent, QueuedEvent];
    let stored = (): void => undefined;
    let refused = (_error: Error): void => undefined;
    await one.runs.ended(kept, new Promise((resolve) => (stored = resolve)));
    await one.runs.ended(lost, new Promise((_, reject) => (refused = reject)));
    expect((await rows(schema.dataSource)).map(({ openEvent }) => openEvent)).not.toContain(null);
    stored();
    refused(new Error('the process ends'));
    await waitFor('one of them has ended', async () =>
      (await rows(schema.dataSource, kept.scriptId)).every(({ openEvent }) => openEvent === null),
    );
    await one.runs.close(1_000);
    expect(await rows(schema.dataSource, lost.scriptId)).toMatchObject([{ openEvent: lost.id }]);
  });

  it('stays with its process if that was only slow', async () => {
    const one = node();
    await one.script([HOURLY]);
    await rewind(schema.dataSource);
    await one.runner.look();
    expect(one.taken()).toHaveLength(1);
    await expire(schema.dataSource);
    await one.runner.look();
    await one.runner.look();
    expect(one.taken()).toEqual([]);
  });

  it('does not take place again if its process died after it was recorded', async () => {
    const [victim, survivor] = [node(), node()];
    await victim.script([HOURLY]);
    await survivor.scripts.sync.poll();
    await rewind(schema.dataSource);
    await victim.runner.look();
    const [event] = victim.taken();
    survivor.done.add((event as QueuedEvent).id);
    await expire(schema.dataSource);
    await survivor.runner.look();
    await survivor.runner.look();
    expect(survivor.taken()).toEqual([]);
    expect(await rows(schema.dataSource)).toMatchObject([{ openEvent: null }]);
  });
});

describe('a change of a script', () => {
  const due = async (id: string): Promise<boolean[]> =>
    (await rows(schema.dataSource, id)).map(({ dueAt }) => dueAt !== null);

  it('stops its schedules while it is paused, disabled or archived, and deletes them with it', async () => {
    const one = node();
    const { service } = one.scripts;
    const id = await one.script([HOURLY, { cron: '30 8 * * *' }]);
    expect(await due(id)).toEqual([true, true]);
    await rewind(schema.dataSource);
    await service.pause('acme', id);
    await one.runner.look();
    expect(await due(id)).toEqual([false, false]);
    await service.activate('acme', id);
    await one.runner.look();
    // Times that passed while the schedule was stopped are not caught up.
    expect(one.taken()).toEqual([]);
    expect(await due(id)).toEqual([true, true]);
    await service.disable('acme', id, { reason: 'harmful' });
    expect(await due(id)).toEqual([false, false]);
    await service.archive('acme', id);
    expect(await due(id)).toEqual([false, false]);
    await service.delete('acme', id);
    expect(await rows(schema.dataSource, id)).toEqual([]);
  });

  it('gives an edited schedule its new times, and does not change the times of the others', async () => {
    const one = node();
    const id = await one.script([HOURLY, { cron: '30 8 * * *' }]);
    await one.runner.look();
    const [, kept] = await rows(schema.dataSource, id);
    await one.scripts.service.update('acme', id, {
      schedules: [{ cron: '15 * * * *' }, { cron: '30 8 * * *', payload: 'new' }],
    });
    await one.runner.look();
    const after = await rows(schema.dataSource, id);
    expect(after.map(({ cron }) => cron)).toEqual(['15 * * * *', '30 8 * * *']);
    expect(after[0]?.nextAt?.getUTCMinutes()).toBe(15);
    expect(after[1]?.nextAt).toEqual(kept?.nextAt);
    await one.scripts.service.update('acme', id, { schedules: null, eventTypes: ['user.created'] });
    expect(await rows(schema.dataSource, id)).toEqual([]);
  });

  it('is refused if the script would have neither event types nor schedules', async () => {
    const one = node();
    const id = await one.script([HOURLY]);
    await expect(one.scripts.service.update('acme', id, { schedules: [] })).rejects.toMatchObject({
      issues: [{ path: 'eventTypes', code: 'required' }],
    });
  });
});

describe('many schedules at one time', () => {
  it('are claimed in turns between tenants, so that a tenant with hundreds of them holds up no other', async () => {
    const one = node({ room: 40 });
    for (let n = 0; n < 60; n++) await one.script([HOURLY], `Flood ${n}`, 'a flood');
    await one.script([HOURLY], 'Small', 'small');
    await rewind(schema.dataSource);
    // The schedules of the flood were due earlier.
    await schema.dataSource.query(
      `UPDATE script_schedules SET due_at = due_at - interval '1 day' WHERE tenant_id = 'a flood'`,
    );
    await one.runner.look();
    expect(one.taken().map(({ tenantId }) => tenantId)).toContain('small');
  });

  it('that do not fit in the buffer are due again with the same events, and none is lost', async () => {
    const one = node({ room: 5 });
    for (let n = 0; n < 12; n++) await one.script([HOURLY], `Digest ${n}`);
    await rewind(schema.dataSource);
    await one.runner.look();
    const taken = one.taken();
    expect(taken).toHaveLength(5);
    const waiting = (await rows(schema.dataSource)).filter(({ openEvent }) => openEvent === null);
    expect(waiting).toHaveLength(7);
    const other = node();
    await other.scripts.sync.poll();
    await schema.dataSource.query(`UPDATE script_schedules SET due_at = now() WHERE open_event IS NULL`);
    await other.runner.look();
    const ids = [...taken, ...other.taken()].map(({ id }) => id);
    expect(new Set(ids).size).toBe(12);
  });

  it('run without one that cannot be read, which is retried later and named in the log', async () => {
    const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const one = node();
    const broken = await one.script([HOURLY], 'Broken');
    const fine = await one.script([HOURLY], 'Fine');
    await rewind(schema.dataSource);
    await schema.dataSource.query(
      `UPDATE script_schedules SET timezone = 'Nowhere/At_All' WHERE script_id = $1`,
      [broken],
    );
    await one.runner.look();
    expect(one.taken().map(({ scriptId }) => scriptId)).toEqual([fine]);
    expect(errors.mock.calls.map(String).join()).toContain('"Broken"');
    const [row] = await rows(schema.dataSource, broken);
    expect(row?.dueAt?.getTime()).toBeGreaterThan(Date.now());
  });

  it('have the ordering key of their script, read from their input', async () => {
    const one = node();
    const { eventTypes: _, ...script } = newScript({ active: true, orderingKey: 'payload.client' });
    const schedules = [
      { ...HOURLY, payload: { client: 7 } },
      { ...HOURLY, timezone: 'Europe/Berlin', payload: { client: '7' } },
      { ...HOURLY, timezone: 'Asia/Tashkent', payload: null },
    ];
    await one.scripts.service.create('acme', { ...script, schedules });
    await rewind(schema.dataSource);
    await one.runner.look();
    const keys = one
      .taken()
      .map(({ payload, ordering }) => [
        (JSON.parse(payload) as { payload: { client: unknown } | null }).payload?.client,
        ordering,
      ]);
    expect(keys).toHaveLength(3);
    const ordered = { key: '7', onFailure: 'block' };
    expect(keys).toContainEqual([7, ordered]);
    expect(keys).toContainEqual(['7', ordered]);
    expect(keys).toContainEqual([undefined, undefined]);
  });

  // Only in the full form, because each of these two tests waits for a lock timeout of five seconds.
  itInFull('run without one that waits for a lock, which is retried after a minute', async () => {
    const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const one = node();
    const locked = await one.script([HOURLY], 'Locked');
    const fine = await one.script([HOURLY], 'Fine');
    await rewind(schema.dataSource);
    // A trigger of the host that waits for a lock when the row of one script is changed.
    await schema.dataSource.query(`CREATE FUNCTION wait_for_lock() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN IF NEW.script_id = '${locked}' AND NEW.open_event IS NOT NULL THEN PERFORM pg_advisory_xact_lock(815); END IF;
      RETURN NEW; END $$`);
    await schema.dataSource.query(`CREATE TRIGGER waits BEFORE UPDATE ON script_schedules
      FOR EACH ROW EXECUTE FUNCTION wait_for_lock()`);
    await schema.dataSource.transaction(async (holder) => {
      await holder.query('SELECT pg_advisory_xact_lock(815)');
      await one.runner.look();
    });
    expect(one.taken().map(({ scriptId }) => scriptId)).toEqual([fine]);
    expect(errors.mock.calls.map(String).join()).toMatch(/"Locked".* is tried again in a minute/);
    await schema.dataSource.query('UPDATE script_schedules SET due_at = now() WHERE script_id = $1', [
      locked,
    ]);
    await one.runner.look();
    expect(one.taken().map(({ scriptId }) => scriptId)).toEqual([locked]);
  });

  itInFull('are not lost while their whole table is locked', async () => {
    jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const one = node();
    const id = await one.script([HOURLY]);
    await one.runner.look();
    await rewind(schema.dataSource);
    await schema.dataSource.transaction(async (holder) => {
      // This lock doesn't block reads, so the look goes on until its claim.
      await holder.query('LOCK TABLE script_schedules IN EXCLUSIVE MODE');
      await one.runner.look();
    });
    expect(one.taken()).toEqual([]);
    await one.runner.look();
    expect(one.taken().map(({ scriptId }) => scriptId)).toEqual([id]);
  });
});

describe('the clock', () => {
  it('of the database may be set back: no schedule waits until the clock has caught up', async () => {
    const one = node();
    const id = await one.script([HOURLY]);
    await one.runner.look();
    // As a claim leaves it that took place before the clock was set back.
    await schema.dataSource.query(
      `UPDATE script_schedules SET from_at = now() + interval '1 year', next_at = now() + interval '1 year',
         due_at = now() + interval '1 year'`,
    );
    const restarted = node();
    await restarted.scripts.sync.poll();
    await restarted.runner.look();
    const [row] = await rows(schema.dataSource, id);
    expect(row?.nextAt?.getTime()).toBeLessThan(Date.now() + 2 * 3_600_000);
  });

  it('of the process makes the next look due after one poll interval, although the next schedule is far away', async () => {
    const one = node();
    expect(await one.runner.look()).toBe(1_000);
    await one.script([{ cron: '0 0 1 1 *' }]);
    expect(await one.runner.look()).toBe(1_000);
  });
});
