import { type Line, linesOf, type Panel, readPanels, type Series } from '../src/board/board.js';
import { drawBoard } from '../src/board/draw.js';
import { inUnit } from '../src/board/units.js';

const OVER = { from: 1_800_000_000, to: 1_800_000_240 };
const times = Array.from({ length: 80 }, (_, at) => OVER.from + at * 3);

/** Two series for each expression. Their labels contain markup, which a tenant could choose. */
const answer = (instant: boolean): Series[] =>
  ['</text><script>', 'b'].map((name, series) => ({
    metric: { event_type: name, reason: name, table: name, state: name },
    values: instant
      ? [[OVER.to, '7']]
      : times.map((at, step) => [at, step === 5 ? 'NaN' : String(series + step / 10)]),
  }));

async function drawn(ask: (expression: string, instant: boolean) => Promise<Series[]>): Promise<string> {
  const shown: [Panel, Line[]][] = [];
  for (const panel of readPanels()) shown.push([panel, await linesOf(panel, ask)]);
  return drawBoard(shown, OVER);
}

describe('the picture of the board', () => {
  it('has every panel of the board with its lines, and queries each expression without variables', async () => {
    const asked: string[] = [];
    const svg = await drawn(async (expression, instant) => {
      asked.push(expression);
      return answer(instant);
    });
    for (const { title } of readPanels()) expect(svg).toContain(`${title}</text>`);
    expect(svg).not.toMatch(/NaN|undefined|Infinity|\$/);
    expect(asked.filter((expression) => expression.includes('$'))).toEqual([]);
    expect(asked).toHaveLength(readPanels().flatMap(({ targets = [] }) => targets).length);
    // For each expression over time: two lines, each with an area.
    const series = readPanels().filter(({ type }) => type === 'timeseries');
    const lines = 2 * series.flatMap(({ targets = [] }) => targets).length;
    expect(svg.match(/stroke-width="1.4"/g)).toHaveLength(lines);
    expect(svg).not.toContain('<script');
    const opened = svg.match(/<(text|svg)\b/g)!.length;
    expect(svg.match(/<\/(text|svg)>/g)).toHaveLength(opened);
  });

  it('says in each panel without data that there is none', async () => {
    const svg = await drawn(async () => []);
    const panels = readPanels().filter(({ type }) => type !== 'row');
    expect(svg.match(/No data<|not yet</g)).toHaveLength(panels.length);
  });

  it.each([
    ['short', 1_500, '1.5 K'],
    ['cps', 0.25, '0.25 c/s'],
    ['s', 0.02, '20 ms'],
    ['s', 300, '5 min'],
    ['bytes', 3 * 1_024 * 1_024, '3 MiB'],
    ['percentunit', 0.5, '50 %'],
  ])('shows a figure with the unit %s as Grafana does', (unit, value, shown) =>
    expect(inUnit(unit, value)).toBe(shown),
  );

  it('refuses a unit that it does not know', () => {
    expect(() => inUnit('furlongs', 1)).toThrow('furlongs');
  });
});
