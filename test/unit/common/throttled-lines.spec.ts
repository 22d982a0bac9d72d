import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const LIB = join(__dirname, '../../../lib');

/**
 * Files that log a warning or an error outside of `ThrottledLog` and `TenantTally`, with the number of places and what
 * limits their lines. Lines that may come with each event, run or dead letter go through one of the two.
 */
const BOUNDED: Readonly<Record<string, readonly [places: number, why: string]>> = {
  'bindings/binding.explorer.ts': [1, 'at the start'],
  'buffer/durable/queue/capture.writer.ts': [1, 'the first failure of an outage'],
  'buffer/durable/graphile-worker.event-buffer.ts': [
    4,
    'at the start; once; a node joins or leaves the queue',
  ],
  'common/outage.ts': [2, 'once until it is over'],
  'common/printable-logger.ts': [5, 'the logger itself'],
  'alerts/channels/built-in-alert.channels.ts': [1, 'inside a TenantTally'],
  'dead-letter/retry/retry.worker.ts': [1, 'at the stop'],
  'dead-letter/spill/spill.ts': [5, 'at the stop, and for each file at the start'],
  'events/domain-event.explorer.ts': [1, 'at the start'],
  'events/event-emitter.source.ts': [1, 'the host has taken listeners away'],
  'common/recording-writer.ts': [2, 'the first failure of an outage; inside a TenantTally'],
  'module/providers/sandbox-options.ts': [2, 'inside a TenantTally; a crash loop backs off'],
  'module/scripts-event.lifecycle.ts': [6, 'at the start and at the stop'],
  'routing/event-trigger.handler.ts': [1, 'inside a TenantTally'],
  'schedules/schedule.watch.ts': [1, 'once for each time that the clock of the database was set back'],
  'scripts/script-index.ts': [1, 'once for each version of a script that is broken'],
  'scripts/script-sources.ts': [1, 'once'],
  'secrets/secret-vault.ts': [2, 'at the start'],
};

describe('lines of the log that a tenant or an outage can multiply', () => {
  it('are throttled, except in the places that BOUNDED lists with a reason', () => {
    const found = readdirSync(LIB, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => ({ file: relative(LIB, file).split(sep).join('/'), text: readFileSync(file, 'utf8') }))
      .filter(({ file }) => !file.startsWith('cli/') && !file.startsWith('sandbox/child/'))
      .map(
        ({ file, text }) => [file, text.match(/ogger(\.(warn|error)|\[[^\]]+\])\(/g)?.length ?? 0] as const,
      )
      .filter(([, places]) => places > 0);
    const expected = Object.entries(BOUNDED).map(([file, [places]]) => [file, places]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  });
});
