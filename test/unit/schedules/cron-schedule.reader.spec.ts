import { CronScheduleReader } from '../../../lib/schedules/cron-schedule.reader.js';
import { ScriptIssues } from '../../../lib/scripts/script-issues.js';

const reader = new CronScheduleReader({ most: 3, minIntervalMs: 60_000, payloadBytes: 1_024 });

/** The problems of schedules, as `path code: message`. */
function problems(value: unknown): string[] {
  const issues = new ScriptIssues();
  const read = reader.read(value, issues);
  expect(read === undefined).toBe(issues.found.length > 0);
  return issues.found.map(({ path, code, message }) => `${path} ${code}: ${message}`);
}

describe('the schedules of a script', () => {
  it('get their defaults, and single spaces in cron', () => {
    const issues = new ScriptIssues();
    expect(reader.read([{ cron: ' 0  8 * * 1 ' }], issues)).toEqual([
      { cron: '0 8 * * 1', timezone: 'UTC', catchUp: 'one', overlap: 'skip', payload: null },
    ]);
    expect(reader.read(null, issues)).toBeNull();
    expect(reader.read([], issues)).toBeNull();
    expect(issues.found).toEqual([]);
  });

  it.each<[unknown, string]>([
    ['0 8 * * *', 'schedules type: Expected a list'],
    [[1], 'schedules[0] type: Expected an object'],
    [[{}], 'schedules[0].cron required: Expected text, got nothing. Write five fields'],
    [
      [{ cron: '0 8 * * 8' }],
      'schedules[0].cron format: "0 8 * * 8" isn\'t a cron expression: Invalid value for dayOfWeek: 8.',
    ],
    [[{ cron: 'every monday' }], 'schedules[0].cron format: "every monday" isn\'t a cron expression'],
    [[{ cron: '2026-11-30T00:00:00' }], 'schedules[0].cron format'],
    [[{ cron: '0 0 8 * * * 2030' }], 'schedules[0].cron format'],
    [[{ cron: '0 0 30 2 *' }], 'schedules[0].cron never: "0 0 30 2 *" never comes'],
    [
      [{ cron: '*/10 * * * * *' }],
      'schedules[0].cron interval: "*/10 * * * * *" has times 10\u00a0s apart; they must be at least 1\u00a0min apart',
    ],
    [[{ cron: '9'.repeat(500) }], 'schedules[0].cron length'],
    [
      [{ cron: '0 8 * * *', timezone: 'Europe/Berln' }],
      'schedules[0].timezone unknown: "Europe/Berln" isn\'t a time zone of the IANA database. Did you mean "Europe/Berlin"?',
    ],
    [
      [{ cron: '0 8 * * *', timezone: '+02:00' }],
      'schedules[0].timezone unknown: "+02:00" isn\'t a time zone',
    ],
    [
      [{ cron: '0 8 * * *', catchUp: 'all' }],
      'schedules[0].catchUp unknown: Expected "one" or "none", got "all".',
    ],
    [
      [{ cron: '0 8 * * *', overlap: true }],
      'schedules[0].overlap unknown: Expected "skip" or "queue", got true.',
    ],
    [
      [{ cron: '0 8 * * *', timeZone: 'UTC' }],
      'schedules[0].timeZone unknown: Unknown field. Did you mean "timezone"?',
    ],
    [
      [{ cron: '0 8 * * *', payload: 'x'.repeat(2_000) }],
      'schedules[0].payload length: Expected JSON of at most 1024 bytes.',
    ],
    [
      [{ cron: '0 8 * * *', payload: 1n }],
      "schedules[0].payload type: Expected a JSON value; this one can't be read.",
    ],
    [
      [{ cron: '0 8 * * *', payload: () => 1 }],
      'schedules[0].payload type: Expected a JSON value, got a function.',
    ],
    [
      [{ cron: '0 8 * * *' }, { cron: '0  8 * * *' }],
      'schedules[1].cron duplicate: schedules[0] has the same times.',
    ],
    [
      [
        { cron: '0 8 * * *', timezone: 'Europe/Berlin' },
        { cron: '0 8 * * *', timezone: 'europe/BERLIN' },
      ],
      'schedules[1].cron duplicate: schedules[0] has the same times.',
    ],
    [
      Array.from({ length: 4 }, () => ({ cron: '0 8 * * *' })),
      'schedules length: Expected at most 3 schedules, which is limits.scriptSchedules, got 4.',
    ],
  ])('are refused with the field and what to write (row %#)', (value, expected) => {
    expect(problems(value).join('\n')).toContain(expected);
  });

  it('are not read through getters and proxies', () => {
    const asked = jest.fn(() => '0 8 * * *');
    expect(problems([Object.defineProperty({}, 'cron', { get: asked, enumerable: true })])).toEqual([
      'schedules[0].cron type: cron is a getter; pass its value.',
    ]);
    expect(problems(new Proxy([], {}))).toHaveLength(1);
    expect(asked).not.toHaveBeenCalled();
  });
});
