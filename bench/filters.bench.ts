import { availableParallelism } from 'node:os';
import { FilterIndex, MATCHING_LIMITS, parseFilter } from 'nestjs-scripts-event/filters';
import { SLICE_STEPS } from '../lib/routing/matching-turns.js';

/**
 * Measures how long the filters of one event block the event loop: in the longest slice, and in all slices together. Each
 * payload is as large as the limits allow, and each filter as slow as its kind can be. No slice may take more than 50 ms.
 * See bench/README.md.
 */
const ROUNDS = 5;
const SCRIPTS = [1, 20, 100, 1_000];
/** Default of `events.maxPayloadBytes`. */
const PAYLOAD_BYTES = 65_536;

interface Shape {
  name: string;
  data: object;
  /** The filter of the script with this number. */
  filter: (script: number) => object;
}

const times = <T>(length: number, make: (at: number) => T): T[] =>
  Array.from({ length }, (_, at) => make(at));
const objects = (count: number, make: (at: number) => object = () => ({})): object => ({
  a: times(count, make),
});
const text = (of: string): object => ({
  t: of.repeat(Math.floor((PAYLOAD_BYTES - 10) / Buffer.byteLength(of))),
});
const or = (count: number, make: (at: number) => object): object => ({ or: times(count, make) });

const SHAPES: Shape[] = [
  {
    name: 'one field against a number',
    data: { amount: 12_000, currency: 'EUR' },
    filter: (script) => ({ amount: { gt: 10_000 + script } }),
  },
  {
    name: '60 paths into a list of 21,000',
    data: objects(21_000),
    filter: () => or(60, (at) => ({ [`a.b${at}`]: { contains: 'zz' } })),
  },
  {
    name: '60 paths of their own for each script',
    data: objects(21_000),
    filter: (script) => or(60, (at) => ({ [`a.s${script}b${at}`]: { contains: 'zz' } })),
  },
  {
    name: '60 searches in a long text',
    data: text('a'),
    filter: (script) => or(60, (at) => ({ t: { contains: `${'a'.repeat(200)}${script}-${at}` } })),
  },
  {
    name: '60 searches that ignore case',
    data: text('İ'),
    filter: (script) => or(60, (at) => ({ t: { contains: `ß${script}-${at}`, ignoreCase: true } })),
  },
  {
    name: '60 patterns of many stars',
    data: text('ab'),
    filter: (script) => or(60, (at) => ({ t: { like: `${'%a_b'.repeat(45)}%${script}-${at}` } })),
  },
  {
    name: 'lists of 500 values over 4,000 elements',
    data: objects(4_000, (at) => ({ v: `v${at}` })),
    filter: (script) => or(2, (at) => ({ 'a.v': { in: times(500, (n) => `${script}-${at}-${n}`) } })),
  },
  {
    name: '60 fields that are not there',
    data: { x: 1 },
    filter: (script) => or(60, (at) => ({ [`f${script}-${at}`]: { gt: 1 } })),
  },
  {
    name: '60 fields of other kinds',
    data: Object.fromEntries(times(60, (at) => [`f${at}`, `${at}`])),
    filter: (script) => or(60, (at) => ({ [`f${at}`]: { gt: script } })),
  },
  {
    name: '30 conditions for any of 7,500 elements',
    data: objects(7_500, () => ({ v: 1 })),
    filter: (script) => ({ a: { any: or(30, (at) => ({ v: { gt: 2 + script + at } })) } }),
  },
  {
    name: '60 numbers of 60 digits over 900',
    data: objects(900, (at) => ({ n: `${at}${'9'.repeat(55)}` })),
    filter: (script) => or(60, (at) => ({ 'a.n': { gt: `1${'0'.repeat(57)}${script + at}` } })),
  },
  {
    name: '60 instants over 1,600',
    data: objects(1_600, () => ({ at: '2026-01-31T10:20:30.123+02:00' })),
    filter: () => or(60, (at) => ({ 'a.at': { gt: `2027-01-01T00:00:${String(at).padStart(2, '0')}Z` } })),
  },
];

interface Figures {
  longestMs: number;
  allMs: number;
  steps: number;
  slices: number;
  undecided: number;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

function ask(index: FilterIndex<number>, payload: string): Figures {
  const inquiry = index.ask(() => JSON.parse(payload));
  const slices: number[] = [];
  for (let ended = false; !ended;) {
    const began = performance.now();
    ended = inquiry.advance(SLICE_STEPS);
    slices.push(performance.now() - began);
  }
  return {
    longestMs: Math.max(...slices),
    allMs: slices.reduce((sum, ms) => sum + ms, 0),
    steps: inquiry.stepsTaken,
    slices: slices.length,
    undecided: inquiry.undecided.length,
  };
}

function measure({ data, filter }: Shape, scripts: number): Figures {
  const payload = JSON.stringify(data);
  if (Buffer.byteLength(payload) > PAYLOAD_BYTES) throw new Error(`${payload.slice(0, 40)}… is too large`);
  const index = new FilterIndex<number>();
  for (let script = 0; script < scripts; script++) index.add(script, parseFilter(filter(script)));
  ask(index, payload);
  const rounds = times(ROUNDS, () => ask(index, payload));
  return {
    ...rounds[0]!,
    longestMs: median(rounds.map(({ longestMs }) => longestMs)),
    allMs: median(rounds.map(({ allMs }) => allMs)),
  };
}

console.log(
  `Node.js ${process.version}, ${availableParallelism()} cores, medians of ${ROUNDS} rounds; slices of ${SLICE_STEPS} steps, ` +
    `at most ${MATCHING_LIMITS.filterSteps} for a filter and ${MATCHING_LIMITS.eventSteps} for an event\n`,
);
console.log(
  'filters                                  scripts  longest ms  all ms      steps  ns a step  undecided',
);
for (const shape of SHAPES.filter(({ name }) => name.includes(process.argv[2] ?? ''))) {
  for (const scripts of SCRIPTS) {
    const { longestMs, allMs, steps, undecided } = measure(shape, scripts);
    const figures = [
      String(scripts).padStart(7),
      longestMs.toFixed(2).padStart(10),
      allMs.toFixed(1).padStart(6),
      String(steps).padStart(9),
      ((allMs * 1e6) / steps).toFixed(0).padStart(9),
      String(undecided).padStart(9),
    ];
    console.log(`${shape.name.padEnd(40)} ${figures.join('  ')}`);
  }
}
