import { cronTimes } from '../../../lib/schedules/cron-times.js';
import { planOf, type SchedulePlan } from '../../../lib/schedules/schedule.plan.js';
import type { OpenRun, ScheduleRow } from '../../../lib/schedules/schedule.types.js';
import type { ScriptSchedule } from '../../../lib/entities/index.js';

const at = (text: string): number => Date.parse(`2026-03-02T${text}Z`);

interface Given extends Partial<Omit<ScheduleRow, 'schedule'>> {
  catchUp?: ScriptSchedule['catchUp'];
  overlap?: ScriptSchedule['overlap'];
}

function plan(now: number, { catchUp = 'one', overlap = 'skip', ...given }: Given = {}): SchedulePlan {
  const cron = given.cron ?? '0 * * * *';
  const row: ScheduleRow = {
    scriptId: 'a',
    tenantId: 't',
    cron,
    timezone: 'UTC',
    schedule: { cron, timezone: 'UTC', catchUp, overlap, payload: null },
    fromAt: at('07:30:00'),
    nextAt: at('08:00:00'),
    previousAt: null,
    open: null,
    ...given,
  };
  return planOf(row, now, cronTimes(cron, 'UTC'), { missedAfterMs: 60_000 });
}

const open = (time: number, until: number): OpenRun => ({ eventId: 'e', at: time, until, by: null });

describe('a schedule that is looked at', () => {
  it('fires once at its time, and continues with the next time', () => {
    const plan1 = plan(at('08:00:00'));
    expect(plan1).toMatchObject({
      fire: at('08:00:00'),
      nextAt: at('09:00:00'),
      dueAt: at('09:00:00'),
      missed: 0,
    });
    expect(plan(at('08:00:01'), { nextAt: plan1.nextAt })).toMatchObject({
      fire: null,
      dueAt: at('09:00:00'),
    });
  });

  it('does not fire before its time, and computes its first time from the moment when it was saved', () => {
    expect(plan(at('07:59:59'))).toMatchObject({ fire: null, nextAt: at('08:00:00') });
    expect(plan(at('07:31:00'), { nextAt: null })).toMatchObject({ fire: null, nextAt: at('08:00:00') });
    // The schedule was saved shortly before its time, and is looked at shortly after it.
    const saved = { nextAt: null, fromAt: at('07:59:59') };
    expect(plan(at('08:00:03'), saved)).toMatchObject({ fire: at('08:00:00'), nextAt: at('09:00:00') });
  });

  it('runs a time that a node has looked at, however late it is, even with catchUp "none"', () => {
    // The time was lost with its process, or it found no place in the buffer.
    const putBack = { catchUp: 'none', nextAt: at('08:00:00'), fromAt: at('08:00:00') } as const;
    expect(plan(at('08:30:00'), putBack)).toMatchObject({
      fire: at('08:00:00'),
      nextAt: at('09:00:00'),
      missed: 0,
    });
    expect(plan(at('12:30:00'), putBack)).toMatchObject({ fire: at('08:00:00'), missed: 4 });
    expect(plan(at('12:00:10'), putBack)).toMatchObject({ fire: at('12:00:00'), missed: 4 });
    // The time waited for the run before it.
    const waited = { ...putBack, overlap: 'queue', fromAt: at('10:10:00') } as const;
    expect(plan(at('10:30:00'), waited)).toMatchObject({ fire: at('10:00:00'), nextAt: at('11:00:00') });
  });

  it('runs a missed yearly time on the same day, unless catchUp is "none"', () => {
    const yearly = { cron: '0 8 2 3 *', nextAt: at('08:00:00') };
    expect(plan(at('13:00:00'), yearly)).toMatchObject({ fire: at('08:00:00') });
    expect(plan(at('13:00:00'), { ...yearly, catchUp: 'none' })).toMatchObject({ fire: null, missed: 1 });
  });

  it('runs once after an outage, for the latest of its times, however many were missed', () => {
    const missed = { cron: '* * * * *', nextAt: Date.parse('2026-02-01T00:00:00Z') };
    expect(plan(at('08:00:30'), missed)).toMatchObject({
      fire: at('08:00:00'),
      nextAt: at('08:01:00'),
      missed: 100,
    });
    expect(plan(at('08:03:30'), { cron: '* * * * *' })).toMatchObject({ fire: at('08:03:00'), missed: 3 });
  });

  it('does not run after an outage with catchUp "none", unless a time is only a little late', () => {
    expect(plan(at('10:30:00'), { catchUp: 'none' })).toMatchObject({
      fire: null,
      nextAt: at('11:00:00'),
      missed: 3,
    });
    expect(plan(at('10:00:20'), { catchUp: 'none' })).toMatchObject({ fire: at('10:00:00'), missed: 2 });
  });

  it('skips the times that come while its last run continues, with overlap "skip"', () => {
    const running = { open: open(at('08:00:00'), at('10:30:00')), nextAt: at('09:00:00') };
    expect(plan(at('09:00:00'), running)).toMatchObject({
      fire: null,
      nextAt: at('10:00:00'),
      dueAt: at('10:00:00'),
      skipped: 1,
      missed: 0,
    });
  });

  it('waits for the end of its last run with overlap "queue", then runs once for the latest time', () => {
    const running = {
      open: open(at('08:00:00'), at('08:01:00')),
      nextAt: at('09:00:00'),
      overlap: 'queue',
    } as const;
    const waiting = plan(at('09:00:00'), { ...running, open: open(at('08:00:00'), at('09:01:00')) });
    expect(waiting).toMatchObject({ fire: null, nextAt: at('09:00:00'), dueAt: at('09:01:00'), skipped: 0 });
    expect(plan(at('11:20:00'), { overlap: 'queue', nextAt: waiting.nextAt })).toMatchObject({
      fire: at('11:00:00'),
      nextAt: at('12:00:00'),
    });
  });

  it('is looked at again when the lease of its run ends, before its next time', () => {
    const running = { open: open(at('08:00:00'), at('08:01:00')), nextAt: at('09:00:00') };
    expect(plan(at('08:00:30'), running)).toMatchObject({ fire: null, dueAt: at('08:01:00') });
  });
});
