import type { Diagnostic } from '@codemirror/lint';
import { isObject, parsed } from './json.text.js';
import { JsonTree } from './json.tree.js';

/** The faults of a text that should be a JSON object, or any JSON. A blank text has none. */
export function jsonFaults(text: string, kind: 'object' | 'any'): Diagnostic[] {
  if (text.trim() === '') return [];
  const tree = new JsonTree(text);
  const fault = syntaxFault(tree);
  if (fault) return [fault];
  const { root } = tree;
  if (kind === 'object' && root && !isObject(parsed(text)))
    return [{ from: root.from, to: root.to, severity: 'error', message: 'This must be an object: { … }.' }];
  return tree.repeated().map(({ key, at: { from, to } }) => ({
    from,
    to,
    severity: 'warning',
    message: `${JSON.stringify(key)} appears twice here: only the last one counts.`,
  }));
}

function syntaxFault(tree: JsonTree): Diagnostic | undefined {
  const { text } = tree;
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const { message } = error as SyntaxError;
    const at = Number(/ at position (\d+)/.exec(message)?.[1] ?? tree.firstFault()?.from ?? text.length);
    const from = Math.min(at, text.length);
    // The place is marked in the text, so the message need not name it. Each browser words it differently.
    const said = message.replace(/^JSON\.parse: |,? (?:in JSON )?at (?:position|line) .*$/g, '');
    return {
      from,
      to: Math.min(from + 1, text.length),
      severity: 'error',
      message: `No valid JSON: ${said}.`,
    };
  }
}
