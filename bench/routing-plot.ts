/** What is drawn of the figures of `bench:routing`. */
interface Figures {
  node: string;
  buckets: { filters: number; indexUs: number; loopUs: number; siftUs: number }[];
}

const WIDTH = 640;
const HEIGHT = 360;
const LEFT = 70;
const RIGHT = 540;
const TOP = 20;
const BOTTOM = 310;
const LINES = [
  { name: 'index', of: 'indexUs', colour: '#0072b2' },
  { name: 'loop', of: 'loopUs', colour: '#d55e00' },
  { name: 'sift', of: 'siftUs', colour: '#767676' },
] as const;

/** A place between two ends for a value between two powers of ten. */
const scale =
  (lowest: number, highest: number, from: number, to: number) =>
  (value: number): number =>
    from + ((Math.log10(value) - lowest) / (highest - lowest)) * (to - from);

const powers = (lowest: number, highest: number): number[] =>
  Array.from({ length: highest - lowest + 1 }, (_, at) => lowest + at);

/** An SVG of microseconds an event over the number of filters, both logarithmic. */
export function drawRouting({ node, buckets }: Figures): string {
  const all = buckets.flatMap(({ indexUs, loopUs, siftUs }) => [indexUs, loopUs, siftUs]);
  const lowest = Math.floor(Math.log10(Math.min(...all)));
  const highest = Math.ceil(Math.log10(Math.max(...all)));
  const fewest = Math.log10(buckets[0]!.filters);
  const most = Math.log10(buckets.at(-1)!.filters);
  const x = scale(fewest, most, LEFT, RIGHT);
  const y = scale(lowest, highest, BOTTOM, TOP);
  const rows = powers(lowest, highest).map((power) => {
    const at = y(10 ** power).toFixed(1);
    return `<line x1="${LEFT}" y1="${at}" x2="${RIGHT}" y2="${at}" stroke="#ddd"/>
<text x="${LEFT - 8}" y="${at}" dy="4" text-anchor="end">${(10 ** power).toLocaleString('en')}</text>`;
  });
  const columns = buckets.map(
    ({ filters }) =>
      `<text x="${x(filters).toFixed(1)}" y="${BOTTOM + 18}" text-anchor="middle">${filters.toLocaleString('en')}</text>`,
  );
  const lines = LINES.map(({ name, of, colour }) => {
    const points = buckets.map((bucket) => [x(bucket.filters).toFixed(1), y(bucket[of]).toFixed(1)]);
    const dots = points.map(([at, height]) => `<circle cx="${at}" cy="${height}" r="3" fill="${colour}"/>`);
    return `<polyline points="${points.map((point) => point.join(',')).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>
${dots.join('\n')}
<text x="${RIGHT + 10}" y="${points.at(-1)![1]}" dy="4" fill="${colour}">${name}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" role="img">
<title>Microseconds of processor time an event over the number of filters (Node.js ${node})</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${[...rows, ...columns, ...lines].join('\n')}
<text x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">filters of one tenant and event type</text>
<text x="16" y="${(TOP + BOTTOM) / 2}" transform="rotate(-90 16 ${(TOP + BOTTOM) / 2})" text-anchor="middle">µs an event</text>
</svg>
`;
}
