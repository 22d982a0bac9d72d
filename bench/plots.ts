import { readFileSync, writeFileSync } from 'node:fs';
import { drawChart } from './chart.js';
import type { ManyScriptsFigures } from './many-scripts.js';
import type { RoutingFigures } from './routing.bench.js';

/**
 * Draws the figures that `bench:routing` and `bench:sandbox` write as JSON: `npm run bench:plots -- <routing.json>
 * <file.svg> <sandbox.json> <file.svg>`. See bench/README.md.
 */
const OURS = '#0072b2';
const OURS_TOO = '#009e73';
const PEER = '#d55e00';
const OTHER_PEER = '#767676';

function routing({ node, buckets }: RoutingFigures): string {
  const over = (of: 'indexUs' | 'loopUs' | 'siftUs') =>
    buckets.map((bucket) => [bucket.filters, bucket[of]] as const);
  return drawChart({
    title: `Microseconds of processor time an event over the number of filters (Node.js ${node})`,
    across: 'filters of one tenant and event type',
    up: 'µs an event',
    lines: [
      { name: 'the package', colour: OURS, points: over('indexUs') },
      { name: 'a loop over its filters', colour: PEER, points: over('loopUs') },
      { name: 'a loop over sift', colour: OTHER_PEER, points: over('siftUs') },
    ],
  });
}

function manyScripts({ node, freshPerSecond, rows }: ManyScriptsFigures): string {
  const of = (perTenant: number) =>
    rows
      .filter((row) => row.budget === 'default' && (row.scripts === 1 || row.perTenant === perTenant))
      .map((row) => [row.scripts, row.perSecond] as const)
      .toSorted(([one], [other]) => one - other);
  const most = Math.max(...rows.map(({ scripts }) => scripts));
  return drawChart({
    title: `Runs a second over the number of scripts that take turns (Node.js ${node})`,
    across: 'scripts that take turns',
    up: 'runs a second',
    lines: [
      { name: 'the package, 5 scripts a tenant', colour: OURS, points: of(5) },
      { name: 'the package, 1 script a tenant', colour: OURS_TOO, points: of(1) },
      {
        name: 'a fresh isolate in the host',
        colour: PEER,
        points: [
          [1, freshPerSecond],
          [most, freshPerSecond],
        ],
      },
    ],
  });
}

const read = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;

const [routingFile, routingPlot, scriptsFile, scriptsPlot] = process.argv.slice(2);
if (!routingFile || !routingPlot || !scriptsFile || !scriptsPlot)
  throw new Error(
    'Give four files: figures of bench:routing, its plot, figures of bench:sandbox, and its plot.',
  );
writeFileSync(routingPlot, routing(read<RoutingFigures>(routingFile)));
writeFileSync(scriptsPlot, manyScripts(read<ManyScriptsFigures>(scriptsFile)));
