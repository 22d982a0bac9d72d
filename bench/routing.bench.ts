import { availableParallelism } from 'node:os';
import { writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Filter, FilterIndex, parseFilter } from 'nestjs-scripts-event/filters';
import sift from 'sift';
import { MatchRun } from '../lib/filters/match-run.js';
import { OrderingSupport } from '../lib/scripts/ordering-support.js';
import { type ActiveScript, ScriptIndex } from '../lib/scripts/script-index.js';
import { compareWithLoop } from '../test/support/index-against-loop.js';
import { type MixedFilter, RoutingMix } from './routing-mix.js';

/**
 * Measures in one run three ways to find the filters that an event matches: the index, a loop over the same compiled
 * filters, and a loop over filters of sift. See bench/README.md.
 *
 * `npm run bench:routing -- [answers to compare] [file for the figures as JSON]`
 */
const ROUNDS = 5;
const SIZES = [10, 100, 1_000, 10_000, 100_000];
const EVENTS = 64;
const ROUND_MS = 150;
/** Processor time between two readings of the clock, in microseconds. A reading takes some three. */
const BATCH_US = 2_000;
const TENANTS = 1_000;
const TYPES = 10;

type Event = Record<string, unknown>;
type Ask = (event: Event) => unknown;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));
const heapBytes = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

/** Processor time of this process so far. Other work on the machine hardly changes it. */
const cpuUs = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/**
 * How many events take {@link BATCH_US}, by the fastest of three tries: compilation and garbage collection would make some
 * small number of events appear slow.
 */
function batchOf(ask: Ask, events: readonly Event[]): number {
  const once = (size: number): number => {
    const began = cpuUs();
    for (let at = 0; at < size; at++) ask(events[at % events.length]!);
    return cpuUs() - began;
  };
  for (let size = 1; ; size *= 2) if (Math.min(once(size), once(size), once(size)) >= BATCH_US) return size;
}

/** Processor time of each way for one event, in microseconds. The ways take turns; the figures are medians of the rounds. */
function measure(asks: readonly Ask[], events: readonly Event[]): number[] {
  const rounds = asks.map((): number[] => []);
  const batches = asks.map((ask) => batchOf(ask, events));
  for (let round = 0; round < ROUNDS; round++)
    for (const [at, ask] of asks.entries()) {
      const began = cpuUs();
      let asked = 0;
      do for (let count = 0; count < batches[at]!; count++) ask(events[asked++ % events.length]!);
      while (cpuUs() - began < ROUND_MS * 1_000);
      rounds[at]!.push((cpuUs() - began) / asked);
    }
  return rounds.map(median);
}

/** The fastest possible loop: all filters share the values that their paths lead to, as in the index. */
function loopOver(filters: readonly Filter[]): Ask {
  return (event) => {
    const run = new MatchRun(event);
    const matched: number[] = [];
    for (let at = 0; at < filters.length; at++) if (filters[at]!.decide(run)) matched.push(at);
    return matched;
  };
}

function siftLoop(filters: readonly MixedFilter[]): Ask {
  const tests = filters.map((filter) => sift(filter.sift));
  return (event) => {
    const matched: number[] = [];
    for (let at = 0; at < tests.length; at++) if (tests[at]!(event)) matched.push(at);
    return matched;
  };
}

function indexOf(filters: readonly Filter[]): FilterIndex<number> {
  const index = new FilterIndex<number>();
  for (const [at, filter] of filters.entries()) index.add(at, filter);
  return index;
}

/** Checks that all three ways find the same filters. */
function check(asks: readonly Ask[], events: readonly Event[]): void {
  for (const event of events.slice(0, 5)) {
    const [ours, ...others] = asks.map((ask) => String(ask(event)));
    if (others.some((other) => other !== ours)) throw new Error(`They differ on ${JSON.stringify(event)}`);
  }
}

interface BucketFigures {
  filters: number;
  indexUs: number;
  loopUs: number;
  siftUs: number;
  matched: number;
  tested: number;
  bytes: number;
  parseMs: number;
  addMs: number;
}

function bucket(size: number, mixed: readonly MixedFilter[], events: readonly Event[]): BucketFigures {
  // Copies of few filters, so that their memory is more than what the heap gains and loses by other work.
  const copies = Math.max(1, 10_000 / size);
  const before = heapBytes();
  const began = cpuUs();
  const parsed = times(copies, () => mixed.map(({ ours }) => parseFilter(ours)));
  const read = cpuUs();
  const indexes = parsed.map(indexOf);
  const added = cpuUs();
  const bytes = (heapBytes() - before) / size / copies;
  const [filters] = parsed as [Filter[]];
  const [index] = indexes as [FilterIndex<number>];
  const asks: Ask[] = [(event) => index.match(event), loopOver(filters), siftLoop(mixed)];
  check(asks, events);
  const [indexUs, loopUs, siftUs] = measure(asks, events) as [number, number, number];
  const asked = events.map((event) => {
    const inquiry = index.ask(() => event);
    inquiry.advance();
    return { tested: inquiry.tested, matched: inquiry.matched.length };
  });
  const mean = (of: 'tested' | 'matched'): number =>
    asked.reduce((sum, figures) => sum + figures[of], 0) / asked.length;
  return {
    filters: size,
    indexUs,
    loopUs,
    siftUs,
    matched: mean('matched'),
    tested: mean('tested'),
    bytes,
    parseMs: (read - began) / 1_000 / copies,
    addMs: (added - read) / 1_000 / copies,
  };
}

const column = (value: number | string, width: number, digits = 0): string =>
  (typeof value === 'string' ? value : value.toFixed(digits)).padStart(width);

const HEAD = [
  ['filters', 8],
  ['index µs', 10],
  ['loop µs', 10],
  ['sift µs', 11],
  ['loop ÷', 7],
  ['sift ÷', 7],
  ['matched', 8],
  ['tested', 8],
  ['bytes', 6],
  ['parse ms', 9],
  ['add ms', 8],
] as const;

const line = (f: BucketFigures): string =>
  [
    column(f.filters, 8),
    column(f.indexUs, 10, 2),
    column(f.loopUs, 10, 2),
    column(f.siftUs, 11, 1),
    column(f.loopUs / f.indexUs, 7, 1),
    column(f.siftUs / f.indexUs, 7, 1),
    column(f.matched, 8, 1),
    column(f.tested, 8, 1),
    column(f.bytes, 6),
    column(f.parseMs, 9),
    column(f.addMs, 8),
  ].join(' ');

/** V8 compiles code on its first runs. The time and memory of that must not count. */
function warmUp(): void {
  const mix = new RoutingMix(1_000);
  bucket(
    1_000,
    mix.filters(),
    times(EVENTS, () => mix.event()),
  );
}

const mixed = (): BucketFigures[] =>
  SIZES.map((size) => {
    const mix = new RoutingMix(size);
    const filters = mix.filters();
    const figures = bucket(
      size,
      filters,
      times(EVENTS, () => mix.event()),
    );
    console.log(line(figures));
    return figures;
  });

function halfUnindexable(): BucketFigures {
  const size = 10_000;
  const mix = new RoutingMix(size);
  const filters = mix.filters().map((filter, at) => (at % 20 < 9 ? mix.unindexable() : filter));
  return bucket(
    size,
    filters,
    times(EVENTS, () => mix.event()),
  );
}

interface TenantFigures {
  scripts: number;
  us: number;
  bytes: number;
  putMs: number;
}

/** Measures the index that routing uses, with 100,000 scripts of many tenants: ten for each tenant and type. */
function manyTenants(): TenantFigures {
  const scripts = 100_000;
  const mix = new RoutingMix(scripts);
  const rows = mix.filters().map(({ ours }, at): ActiveScript => ({
    id: String(at),
    tenantId: `tenant ${at % TENANTS}`,
    name: `Script ${at}`,
    version: 1,
    eventTypes: [`type.${Math.floor(at / TENANTS) % TYPES}`],
    filters: ours as never,
    limits: null,
    bindings: null,
    maxConcurrency: null,
    runsPerMinute: null,
    orderingKey: null,
    onOrderedFailure: 'block',
    revision: String(at + 1),
  }));
  const before = heapBytes();
  const index = new ScriptIndex(new OrderingSupport(() => true));
  const began = cpuUs();
  for (const row of rows) index.put(row);
  const putMs = (cpuUs() - began) / 1_000;
  const bytes = (heapBytes() - before) / scripts;
  let at = 0;
  const ask: Ask = (event) => {
    at += 1;
    const inquiry = index.ask(`type.${at % TYPES}`, `tenant ${(at * 7) % TENANTS}`, () => event);
    inquiry?.advance();
    return inquiry?.matched;
  };
  const [us] = measure(
    [ask],
    times(EVENTS, () => mix.event()),
  ) as [number];
  return { scripts, us, bytes, putMs };
}

/** The figures, which are written as JSON. */
export interface RoutingFigures {
  node: string;
  buckets: BucketFigures[];
  unindexable: BucketFigures;
  tenants: TenantFigures;
}

function compare(answers: number): void {
  const sum = { compared: 0, matched: 0, tested: 0 };
  for (let seed = 1; sum.compared < answers; seed++) {
    // So few that the index loops over them, some, and so many that one look-up leads to another one.
    const most = [16, 300, 2_000][seed % 3];
    const { compared, matched, tested } = compareWithLoop(seed, 50_000, most);
    sum.compared += compared;
    sum.matched += matched;
    sum.tested += tested;
  }
  console.log(
    `\n${sum.compared} answers of random filters on random data are those of the loop; ${sum.matched} matched, ${sum.tested} were asked.`,
  );
}

const [answers = '2000000', file] = process.argv.slice(2);
console.log(
  `Node.js ${process.version}, ${availableParallelism()} cores, medians of ${ROUNDS} rounds; microseconds of processor time an event\n`,
);
console.log(HEAD.map(([title, width]) => title.padStart(width)).join(' '));
warmUp();
const buckets = mixed();
console.log('\n45 % of the filters can only be asked:');
const unindexable = halfUnindexable();
console.log(line(unindexable));
const tenants = manyTenants();
console.log(
  `\n${tenants.scripts} scripts of ${TENANTS} tenants for ${TYPES} types: ${tenants.us.toFixed(2)} µs an event, ` +
    `${tenants.bytes.toFixed(0)} bytes a script, put in ${tenants.putMs.toFixed(0)} ms`,
);
compare(Number(answers));
const figures: RoutingFigures = { node: process.version, buckets, unindexable, tenants };
if (file) writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
