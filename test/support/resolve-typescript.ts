import Module from 'node:module';

type Resolve = (request: string, ...rest: unknown[]) => string;

const RESOLVE = '_resolveFilename';

/**
 * Jest maps `./x.js` to `./x.ts` in test files, but loads its global setup with Node's own resolution: this does the
 * same there. Import it before any module that has relative imports. Node 20 has no public hook for `require`.
 */
const loader = Module as unknown as Record<typeof RESOLVE, Resolve>;
const original = loader[RESOLVE];

loader[RESOLVE] = function resolveTypeScript(request, ...rest) {
  try {
    return original.call(this, request, ...rest);
  } catch (error) {
    if (!/^\.{1,2}\/.*\.js$/.test(request)) throw error;
    return original.call(this, request.replace(/\.js$/, '.ts'), ...rest);
  }
};
