import { MAX_ID } from './id.js';
import { printable, quoted } from './printable.js';

/** What a line for people says about a script. */
export interface ScriptWords {
  scriptId: string;
  /** Left out, null or undefined if it isn't known, for example because the script is gone. */
  scriptName?: string | null | undefined;
  /** Left out if the line names the tenant elsewhere. */
  tenantId?: string;
}

/** Returns the name of a script by its id, if it is known without asking the database. */
export type NameOfScript = (scriptId: string) => string | undefined;

/** How a line shows a tenant's text: a name, and any other text. */
export interface Wording {
  name: (text: string) => string;
  text: (text: string) => string;
}

/** For logs, terminals and mail. */
export const PLAIN: Wording = { name: quoted, text: printable };

/** How many scripts one line names. */
const MOST_NAMED = 10;

/**
 * A script in a log line or an alert, after the word "script": `"Welcome" (0198c0de-…) of tenant acme`. People know it
 * by the name and look it up with the id. Printable and of limited length. Every line that names a script uses this
 * function.
 */
export function scriptInWords(
  { scriptId, scriptName, tenantId }: ScriptWords,
  { name, text }: Wording = PLAIN,
): string {
  const id = printable(scriptId, MAX_ID);
  const named = typeof scriptName === 'string' ? `${name(scriptName)} (${id})` : id;
  return tenantId === undefined ? named : `${named} of tenant ${text(tenantId.slice(0, MAX_ID))}`;
}

/** {@link scriptInWords} for several scripts: up to ten of them, and how many more there are. */
export function scriptsInWords(scripts: readonly ScriptWords[]): string {
  const named = scripts.slice(0, MOST_NAMED).map((script) => scriptInWords(script));
  const more = scripts.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
