import type { Line, Panel } from './board.js';
import { inUnit } from './units.js';

const WIDTH = 1_440;
const COLUMNS = 24;
/** Height of one unit of the board's grid, with the gap to the next. */
const UNIT = 36;
const GAP = 8;
const COLOURS = ['#3274d9', '#56a64b', '#e0752d', '#8f3bb8', '#e02f44', '#1f9e9e', '#b58900', '#7a7f87'];
const NAMED: Readonly<Record<string, string>> = { green: '#3b8132', orange: '#c15c17', red: '#c4162a' };
const QUIET = 'fill="#5a5f66"';

interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Over {
  from: number;
  to: number;
}

/** Draws the board in its own grid as SVG: rows, titles, units, legends, stacks and thresholds. */
export function drawBoard(panels: readonly (readonly [Panel, readonly Line[]])[], over: Over): string {
  const column = (WIDTH - GAP) / COLUMNS;
  const height = Math.max(...panels.map(([{ gridPos }]) => gridPos.y + gridPos.h)) * UNIT + GAP;
  const drawn = panels.map(([panel, lines]) => {
    const { x, y, w, h } = panel.gridPos;
    const place = { x: GAP + x * column, y: GAP + y * UNIT, w: w * column - GAP, h: h * UNIT - GAP };
    if (panel.type === 'row') return words(place.x, place.y + 18, `▾ ${panel.title}`, 'font-size="15"');
    return [
      `<rect x="${r(place.x)}" y="${r(place.y)}" width="${r(place.w)}" height="${r(place.h)}" fill="#fff" stroke="#d8d9da"/>`,
      words(place.x + 8, place.y + 17, panel.title, 'font-weight="600"'),
      ...(panel.type === 'stat' ? stat(panel, lines, place) : timeSeries(panel, lines, place, over)),
    ].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" fill="#24292e" font-family="system-ui, sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#f4f5f5"/>
${drawn.join('\n')}
</svg>
`;
}

function stat({ fieldConfig }: Panel, lines: readonly Line[], { x, y, w, h }: Place): string[] {
  const { unit, noValue = 'No data', thresholds } = fieldConfig!.defaults;
  const value = lines[0]?.points.at(-1)?.[1];
  const shown = value === undefined ? noValue : inUnit(unit, value);
  const step = thresholds?.steps.findLast((one) => one.value === null || one.value <= (value ?? 0));
  const fill = NAMED[step?.color ?? ''] ? `fill="${NAMED[step?.color ?? '']}"` : '';
  const size = Math.min(34, (w - 16) / (shown.length * 0.58));
  const at = y + h / 2 + size / 2 + 4;
  return [words(x + w / 2, at, shown, `font-size="${r(size)}" text-anchor="middle" ${fill}`)];
}

function timeSeries({ fieldConfig }: Panel, lines: readonly Line[], place: Place, over: Over): string[] {
  const { unit, custom, thresholds } = fieldConfig!.defaults;
  const { x, y, w, h } = { x: place.x + 58, y: place.y + 28, w: place.w - 68, h: place.h - 84 };
  if (lines.every(({ points }) => points.length === 0))
    return [words(place.x + place.w / 2, y + h / 2, 'No data', `text-anchor="middle" ${QUIET}`)];
  const layers = layersOf(lines, custom?.stacking.mode === 'normal');
  const ticks = niceTicks(
    Math.max(0, ...layers.flatMap(({ upper }) => upper.map(([, value]) => value))),
    unit === 'bytes' ? 1_024 : 1_000,
  );
  const top = ticks.at(-1)!;
  const across = (at: number): number => x + ((at - over.from) / (over.to - over.from)) * w;
  const up = (value: number): number => y + h - (value / top) * h;
  const path = (points: Line['points']): string =>
    points.map(([at, value]) => `${r(across(at))} ${r(up(value))}`).join('L');
  const level = (value: number, more: string): string =>
    `<path d="M${r(x)} ${r(up(value))}h${r(w)}" ${more}/>`;
  const out = ticks.flatMap((tick) => [
    level(tick, 'stroke="#e7e8e9"'),
    words(x - 5, up(tick) + 4, inUnit(unit, tick), `text-anchor="end" ${QUIET}`),
  ]);
  for (let at = Math.ceil(over.from / 60) * 60; at <= over.to; at += 60)
    out.push(words(across(at), y + h + 15, clock(at), `text-anchor="middle" ${QUIET}`));
  for (const [index, { upper, lower }] of layers.entries()) {
    const area = `fill="${colourOf(index)}" fill-opacity="${(custom?.fillOpacity ?? 0) / 100}"`;
    out.push(`<path d="M${path(upper)}L${path(lower.toReversed())}Z" ${area}/>`);
    out.push(`<path d="M${path(upper)}" fill="none" stroke="${colourOf(index)}" stroke-width="1.4"/>`);
  }
  for (const { color, value } of custom?.thresholdsStyle ? (thresholds?.steps ?? []) : [])
    if (value !== null && value <= top)
      out.push(level(value, `stroke="${NAMED[color]}" stroke-dasharray="5 4"`));
  return [...out, ...legend(lines, place)];
}

/** Draws as many names as fit in two lines. Grafana can scroll to the others. */
function legend(lines: readonly Line[], place: Place): string[] {
  const last = place.y + place.h - 6;
  let [x, y] = [place.x + 8, last - 14];
  const out: string[] = [];
  for (const [index, { name }] of lines.entries()) {
    const width = 24 + name.length * 6.2;
    if (x > place.x + 8 && x + width > place.x + place.w) [x, y] = [place.x + 8, y + 14];
    if (y > last) break;
    out.push(`<path d="M${r(x)} ${r(y - 4)}h10" stroke="${colourOf(index)}" stroke-width="3"/>`);
    out.push(words(x + 14, y, name));
    x += width;
  }
  return out;
}

/** Each line with the height of what is below it: nothing, or, in a stack, the lines before it. */
function layersOf(
  lines: readonly Line[],
  stacked: boolean,
): { upper: Line['points']; lower: Line['points'] }[] {
  const heights = new Map<number, number>();
  return lines.map(({ points }) => {
    const below = (at: number): number => (stacked && heights.get(at)) || 0;
    const ends = stacked ? points : [points[0], points.at(-1)].flatMap((point) => (point ? [point] : []));
    const lower = ends.map(([at]) => [at, below(at)] as const);
    const upper = points.map(([at, value]) => [at, value + below(at)] as const);
    for (const [at, value] of upper) heights.set(at, value);
    return { upper, lower };
  });
}

/** Up to six numbers from 0 to at least `most` that are round in its unit. */
function niceTicks(most: number, base: number): number[] {
  const unit = base ** Math.max(0, Math.floor(Math.log(most || 1) / Math.log(base)));
  const rough = (most || 1) / 4 / unit;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5].find((factor) => factor * power >= rough) ?? 10);
  const count = Math.max(1, Math.ceil(most / unit / step));
  return Array.from({ length: count + 1 }, (_, at) => Number((at * step * unit).toPrecision(12)));
}

const colourOf = (index: number): string => COLOURS[index % COLOURS.length]!;
const clock = (at: number): string => new Date(at * 1_000).toISOString().slice(11, 16);
const r = (value: number): string => String(Math.round(value * 10) / 10);
const words = (x: number, y: number, text: string, more = ''): string =>
  `<text x="${r(x)}" y="${r(y)}" ${more}>${text.replace(/[<>&]/g, (sign) => `&#${sign.charCodeAt(0)};`)}</text>`;
