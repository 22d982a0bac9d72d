import { extname } from 'node:path';
import type { TypeStripper } from '../scripts/typescript/type-stripper.js';

/** Whether the name of a file says that it is TypeScript. */
export const isTypeScript = (file: string): boolean => ['.ts', '.mts', '.cts'].includes(extname(file));

/** The JavaScript that runs for a file: its source, or the source without its types, or why they can't be removed. */
export const javascriptOf = async (
  file: string,
  source: string,
  stripper: TypeStripper,
): ReturnType<TypeStripper['strip']> =>
  isTypeScript(file) ? stripper.strip(source) : { javascript: source };
