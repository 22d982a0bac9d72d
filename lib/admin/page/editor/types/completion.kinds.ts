/** How CodeMirror names what TypeScript names otherwise. */
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

/** Those that both name alike. */
const SAME = new Set(['class', 'enum', 'function', 'interface', 'keyword', 'method', 'property', 'type']);

export const completionType = (kind: string): string => TYPES[kind] ?? (SAME.has(kind) ? kind : 'text');

/** TypeScript's order, as CodeMirror takes it: `11` stands for what is near, `15` for what is everywhere. */
export function nearness(sortText: string): number {
  const rank = Number.parseInt(sortText, 10);
  return Number.isNaN(rank) ? 0 : Math.max(-5, 11 - rank);
}
