import { Problem } from '../http/problem.js';

/** The number in `If-Match`; undefined for `*` or without the header; 'none', which matches nothing, for other text. */
export function tagIn(ifMatch: string | undefined): string | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  const [, tag] = /^\s*(?:W\/)?"(\d{1,19})"\s*$/.exec(ifMatch) ?? [];
  return tag ?? 'none';
}

/** Requires `If-Match`, so that nobody changes what they have not read. @throws Problem 428 */
export function needIfMatch(ifMatch: string | undefined, what: string): void {
  if (ifMatch !== undefined) return;
  throw new Problem(428, 'if-match-needed', `Send If-Match with the ETag of the ${what} that was edited.`);
}
