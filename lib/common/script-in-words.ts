import { printable, quoted } from './printable.js';

/** A script as a line for people names it. */
export interface ScriptWords {
  scriptId: string;
  /** Left out, null or undefined: not known, as of a script that is gone. */
  scriptName?: string | null | undefined;
  /** Left out where the line tells the tenant elsewhere. */
  tenantId?: string;
}

/** Name of a script by its id, as far as it is known without asking the database. */
export type NameOfScript = (scriptId: string) => string | undefined;

/** How a tenant's text is written in a line: a name, and any other text. */
export interface Wording {
  name: (text: string) => string;
  text: (text: string) => string;
}

/** For logs, terminals and mail. */
export const PLAIN: Wording = { name: quoted, text: printable };

/** Longest id of a script or a tenant in a line: one that is longer is none of ours. */
const LONGEST_ID = 200;
/** Scripts that one line names. */
const MOST_NAMED = 10;

/**
 * A script in a line of the log or an alert, after the word "script": `"Welcome" (0198c0de-…) of tenant acme`. The name is
 * what people know it by, the id what they look it up with. Printable and bounded. Every line that names a script uses it.
 */
export function scriptInWords(
  { scriptId, scriptName, tenantId }: ScriptWords,
  { name, text }: Wording = PLAIN,
): string {
  const id = printable(scriptId, LONGEST_ID);
  const named = typeof scriptName === 'string' ? `${name(scriptName)} (${id})` : id;
  return tenantId === undefined ? named : `${named} of tenant ${text(tenantId.slice(0, LONGEST_ID))}`;
}

/** The same for several: up to ten of them, and how many more there are. */
export function scriptsInWords(scripts: readonly ScriptWords[]): string {
  const named = scripts.slice(0, MOST_NAMED).map((script) => scriptInWords(script));
  const more = scripts.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
