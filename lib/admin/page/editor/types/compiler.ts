import ts from 'typescript';
import type { Library } from './script-project.js';
// The build collects `lib.es2023.d.ts` and the files that it refers to.
import texts from 'typescript-library:es2023';

export const library: Library = texts;
export { ts };
