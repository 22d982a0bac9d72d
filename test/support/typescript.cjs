/**
 * Lets Node require TypeScript. The JavaScript of the built package stays as it is, because transforming it takes
 * longer.
 */
require('esbuild-register/dist/node').register({ hookMatcher: (path) => path.endsWith('.ts') });
