/** Lets Node require TypeScript, and leaves the JavaScript of the built package as it is: reading that costs more. */
require('esbuild-register/dist/node').register({ hookMatcher: (path) => path.endsWith('.ts') });
