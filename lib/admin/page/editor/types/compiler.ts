import ts from 'typescript';
import type { Library } from './script-project.js';
// Put together by the build: what `lib.es2023.d.ts` refers to.
import texts from 'typescript-library:es2023';

export const library: Library = texts;
export { ts };
