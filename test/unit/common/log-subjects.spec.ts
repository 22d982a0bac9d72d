import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const LIB = join(__dirname, '../../../lib');

/**
 * Files with lines that are not about one execution, event, dead letter, script or tenant: the number of places, and
 * what the lines are about. `lineAbout` makes all other lines, with their ids.
 */
const ABOUT_NONE: Readonly<Record<string, readonly [places: number, about: string]>> = {
  'buffer/durable/engine/engine-logger.ts': [1, 'the engine'],
  'buffer/durable/engine/outage-log.ts': [1, 'the database'],
  'buffer/durable/graphile-worker.event-buffer.ts': [4, 'a node, the engine, a pooler'],
  'buffer/durable/queue/capture.writer.ts': [2, 'the database'],
  'common/outage.ts': [4, 'the database'],
  'common/recording-writer.ts': [2, 'the database'],
  'dead-letter/retry/retry.worker.ts': [1, 'the retries of a stop'],
  'dead-letter/spill/spill.ts': [6, 'a file'],
  'events/event-emitter.source.ts': [2, 'listeners; types of events'],
  'metrics/cached-reading.ts': [1, 'a reading'],
  'module/providers/sandbox-options.ts': [2, 'a sandbox process'],
  'module/scripts-event.lifecycle.ts': [9, 'the start and the stop'],
  'schedules/schedule.batches.ts': [1, 'the schedules of a round'],
  'schedules/schedule.watch.ts': [1, 'all schedules'],
  'scripts/script-sources.ts': [1, 'the sources of all scripts'],
  'secrets/secret-vault.ts': [3, 'a key; the secrets of all tenants'],
  'tracing/script-span.ts': [1, 'the adapter of the host'],
};

/** The calls of a logger, with their arguments. */
function* callsIn(text: string): Generator<string> {
  for (const { index, 0: begin } of text.matchAll(
    /\b(?:\w*[lL]og(?:ger)?|faults|losses|others)(?:\.(?:debug|log|warn|error)|\[[^\]]+\])\(/g,
  )) {
    let depth = 1;
    let end = index + begin.length;
    for (; depth > 0; end += 1) depth += { '(': 1, ')': -1 }[text.charAt(end)] ?? 0;
    yield text.slice(index, end);
  }
}

describe('lines of the log', () => {
  it('name their fields like the attributes of traces', () => {
    const read = (file: string): string => readFileSync(join(LIB, file), 'utf8');
    const ofLines = read('common/log-line.ts').match(/'(scripts_event|messaging)\.[\w.]+'/g) ?? [];
    const ofTraces = new Set(read('tracing/script-spans.ts').match(/'(scripts_event|messaging)\.[\w.]+'/g));
    expect(ofLines.length).toBeGreaterThan(6);
    expect(ofLines.filter((name) => !ofTraces.has(name))).toEqual(["'scripts_event.details'"]);
  });

  it('have the ids of what they are about, except in the places that ABOUT_NONE lists', () => {
    const found: Record<string, number> = {};
    let places = 0;
    for (const entry of readdirSync(LIB, { recursive: true, withFileTypes: true })) {
      const file = relative(LIB, join(entry.parentPath, entry.name)).split(sep).join('/');
      if (!entry.isFile() || !file.endsWith('.ts') || /^(cli|sandbox\/child|admin\/page)\//.test(file))
        continue;
      if (/^common\/(printable-logger|throttled-log)\.ts$/.test(file)) continue;
      for (const call of callsIn(readFileSync(join(entry.parentPath, entry.name), 'utf8'))) {
        places += 1;
        if (!/\blineAbout\(|[lL]ine\(|, line\)|\(line\)/.test(call)) found[file] = (found[file] ?? 0) + 1;
      }
    }
    expect(places).toBeGreaterThan(60);
    const expected = Object.entries(ABOUT_NONE).map(([file, [count]]) => [file, count]);
    expect(found).toEqual(Object.fromEntries(expected));
  });
});
