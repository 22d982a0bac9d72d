/** Kinds of TypeScript that have another name in CodeMirror. */
const TYPES: Readonly<Record<string, string>> = {
  'local class': 'class',
  'local function': 'function',
  'local var': 'variable',
  const: 'constant',
  'enum member': 'enum',
  getter: 'property',
  index: 'property',
  let: 'variable',
  module: 'namespace',
  parameter: 'variable',
  'primitive type': 'type',
  setter: 'property',
  string: 'text',
  'type parameter': 'type',
  var: 'variable',
};

/** Kinds that have the same name in both. */
const SAME = new Set(['class', 'enum', 'function', 'interface', 'keyword', 'method', 'property', 'type']);

export const completionType = (kind: string): string => TYPES[kind] ?? (SAME.has(kind) ? kind : 'text');

/** Turns TypeScript's order into CodeMirror's: `11` for names of the script becomes 0, `15` for global names -4. */
export function nearness(sortText: string): number {
  const rank = Number.parseInt(sortText, 10);
  return Number.isNaN(rank) ? 0 : Math.max(-5, 11 - rank);
}
