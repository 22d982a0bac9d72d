import Module from 'node:module';

type Resolve = (request: string, ...rest: unknown[]) => string;

/**
 * Jest maps `./x.js` to `./x.ts` in test files, but loads its global setup with Node's own resolution: this does the
 * same there. Import it before any module that has relative imports.
 */
const loader = Module as unknown as { _resolveFilename: Resolve };
const original = loader._resolveFilename;

loader._resolveFilename = function resolveTypeScript(request, ...rest) {
  try {
    return original.call(this, request, ...rest);
  } catch (error) {
    if (!/^\.{1,2}\/.*\.js$/.test(request)) throw error;
    return original.call(this, request.replace(/\.js$/, '.ts'), ...rest);
  }
};
