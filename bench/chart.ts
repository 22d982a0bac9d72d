/** One line of a chart. */
export interface Line {
  name: string;
  colour: string;
  points: readonly (readonly [x: number, y: number])[];
}

export interface Chart {
  title: string;
  across: string;
  up: string;
  lines: readonly Line[];
}

const WIDTH = 740;
const HEIGHT = 360;
const LEFT = 74;
const RIGHT = 520;
const TOP = 20;
const BOTTOM = 310;
/** Height in pixels of a name at the end of its line. */
const NAME = 14;

/** Maps a value between two powers of ten to a position between two ends. */
const scale =
  (lowest: number, highest: number, from: number, to: number) =>
  (value: number): number =>
    from + ((Math.log10(value) - lowest) / (highest - lowest)) * (to - from);

/** The powers of ten from the largest one that isn't above any value to the smallest one that isn't below any. */
function powersAround(values: readonly number[]): number[] {
  const lowest = Math.floor(Math.log10(Math.min(...values)));
  const highest = Math.max(lowest + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: highest - lowest + 1 }, (_, at) => lowest + at);
}

/** Draws lines over two logarithmic axes as SVG. Each line has its name at its end, so nobody needs the colours. */
export function drawChart({ title, across, up, lines }: Chart): string {
  const points = lines.flatMap((line) => line.points);
  const columns = powersAround(points.map(([x]) => x));
  const rows = powersAround(points.map(([, y]) => y));
  const x = scale(columns[0]!, columns.at(-1)!, LEFT, RIGHT);
  const y = scale(rows[0]!, rows.at(-1)!, BOTTOM, TOP);
  const grid = [
    ...rows.map((power) => {
      const at = y(10 ** power).toFixed(1);
      return `<line x1="${LEFT}" y1="${at}" x2="${RIGHT}" y2="${at}" stroke="#ddd"/>
<text x="${LEFT - 8}" y="${at}" dy="4" text-anchor="end">${(10 ** power).toLocaleString('en')}</text>`;
    }),
    ...columns.map(
      (power) =>
        `<text x="${x(10 ** power).toFixed(1)}" y="${BOTTOM + 18}" text-anchor="middle">${(10 ** power).toLocaleString('en')}</text>`,
    ),
  ];
  const drawn = lines.map(({ colour, points: own }) => {
    const places = own.map(([across_, height]) => [x(across_).toFixed(1), y(height).toFixed(1)] as const);
    const dots = places.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`);
    return `<polyline points="${places.map((place) => place.join(',')).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>
${dots.join('\n')}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" role="img">
<title>${title}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${[...grid, ...drawn, ...namesOf(lines, y)].join('\n')}
<text x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${across}</text>
<text x="16" y="${(TOP + BOTTOM) / 2}" transform="rotate(-90 16 ${(TOP + BOTTOM) / 2})" text-anchor="middle">${up}</text>
</svg>
`;
}

/** Writes the names at the ends of their lines, and moves them apart where lines end close to one another. */
function namesOf(lines: readonly Line[], y: (value: number) => number): string[] {
  let above = -Infinity;
  return lines
    .map((line) => ({ ...line, at: y(line.points.at(-1)![1]) }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ name, colour, at }) => {
      above = Math.max(at, above + NAME);
      return `<text x="${RIGHT + 10}" y="${above.toFixed(1)}" dy="4" fill="${colour}">${name}</text>`;
    });
}
