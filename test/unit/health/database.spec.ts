import { MigrationsMissingError } from '../../../lib/entities/schema-check.errors.js';
import { Gate } from '../../support/wait-for.js';
import { healthOf, ScriptedPing } from './health.fixture.js';

const failing = (error: unknown) =>
  new ScriptedPing(async () => {
    throw error;
  });

describe('a database that does not answer', () => {
  it('is down, and the application is degraded, because it still captures events in memory', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432'), { code: 'ECONNREFUSED' });
    const report = await healthOf({}, failing(refused)).check();
    expect(report.status).toBe('degraded');
    expect(report.components.database).toMatchObject({
      status: 'down',
      reason: 'the database is unavailable (ECONNREFUSED); events are captured in memory',
    });
  });

  it.each([
    [Object.assign(new Error('s3cret'), { driverError: { code: '28P01', message: 's3cret' } }), '28P01'],
    [Object.assign(new Error('s3cret'), { cause: { code: 'ETIMEDOUT' } }), 'ETIMEDOUT'],
    [
      Object.assign(new Error('postgres://ada:s3cret@host/db'), { code: 'postgres://ada:s3cret@host' }),
      'without a code',
    ],
    ['postgres://ada:s3cret@host', 'without a code'],
  ])('is reported by its error code only: %p', async (error, code) => {
    const report = await healthOf({}, failing(error)).check();
    expect(report.components.database.reason).toContain(code);
    expect(JSON.stringify(report)).not.toContain('s3cret');
  });

  it('is waited for no longer than the timeout, on one connection for all checks', async () => {
    jest.useFakeTimers();
    try {
      const gate = new Gate();
      const ping = new ScriptedPing(() => gate.opened);
      const health = healthOf({}, ping);
      const checks = [health.check(), health.check()];
      await jest.advanceTimersByTimeAsync(1_000);
      for (const { components } of await Promise.all(checks))
        expect(components.database.reason).toContain('no answer or no free pool connection within 1\u00a0s');
      const later = health.check();
      gate.open();
      expect((await later).components.database.status).toBe('up');
      expect(ping.asked).toBe(1);
    } finally {
      jest.useRealTimers();
    }
  });

  it('is in a snapshot as the last check saw it', async () => {
    const health = healthOf({}, failing(new Error('away')));
    expect(health.snapshot().components.database).toMatchObject({
      status: 'up',
      reason: 'not checked yet',
    });
    await health.check();
    expect(health.snapshot().components.database.status).toBe('down');
  });
});

describe('a schema', () => {
  it('is down, and so is the application, if a table of this package is missing', async () => {
    const schema = { run: () => Promise.reject(new MigrationsMissingError(['table scripts'])) };
    const report = await healthOf({}, undefined, schema).check();
    expect(report.status).toBe('down');
    expect(report.components.database.status).toBe('up');
    expect(report.components.schema.reason).toBe('the database lacks table scripts: run the migrations');
  });

  it('is up if the host has excluded it from the checks', async () => {
    const { components } = await healthOf({}, undefined, null).check();
    expect(components.schema).toMatchObject({ status: 'up', reason: 'not checked' });
  });

  it('is up if it can’t be checked because the database is down', async () => {
    const schema = { run: () => Promise.reject(new Error('away')) };
    const { components } = await healthOf({}, undefined, schema).check();
    expect([components.database.status, components.schema.status]).toEqual(['down', 'up']);
  });
});
