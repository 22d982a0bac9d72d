const three = (value: number): number => Number(value.toPrecision(3));

/** Writes a value in the largest unit in which it is at least 1. */
const scaled =
  (base: number, names: readonly string[]) =>
  (value: number): string => {
    const power = Math.min(names.length - 1, Math.floor(Math.log(Math.max(1, value)) / Math.log(base)));
    return `${three(value / base ** power)} ${names[power]}`.trim();
  };

const short = scaled(1_000, ['', 'K', 'Mil', 'Bil']);
const seconds = (value: number): string => {
  if (value > 0 && value < 1) return `${three(value * 1_000)} ms`;
  return value < 120 ? `${three(value)} s` : `${three(value / 60)} min`;
};

/** The units of the board, named as in Grafana. */
const UNITS: Readonly<Record<string, (value: number) => string>> = {
  short,
  cps: (value) => `${short(value)} c/s`,
  s: seconds,
  bytes: scaled(1_024, ['B', 'KiB', 'MiB', 'GiB']),
  percentunit: (value) => `${three(value * 100)} %`,
  dateTimeFromNow: (value) => `${seconds(Math.round((Date.now() - value) / 1_000))} ago`,
};

/** @throws Error for an unknown unit, so that no figure is drawn wrong */
export function inUnit(unit: string, value: number): string {
  const format = UNITS[unit];
  if (!format) throw new Error(`The unit ${unit} of the board can't be drawn: add it to units.ts.`);
  return format(value);
}
