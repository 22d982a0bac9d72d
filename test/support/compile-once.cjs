// Runs in each worker before anything else does.
require('./optimise-late.cjs');
const { countProcesses, startsBy } = require('./starts/count-processes.cjs');
const { dirname, sep } = require('node:path');
const { Script } = require('node:vm');
const { default: Runtime } = require('jest-runtime');

const PACKAGES = `${sep}node_modules${sep}`;

countProcesses();

/** What each path was compiled to, for all test files of this worker. */
const compiled = new Map();
/** The text of each file of a package, for all test files of this worker. */
const packageFiles = new Map();
/** What each file of a package was transformed to, for all test files of this worker. */
const transformed = new Map();
/** Resolvers that `rememberMapped` has changed: a worker has one. */
const remembering = new WeakSet();

/**
 * Jest's own runtime, except that a worker compiles each file once, and reads, transforms and finds each package once.
 * Each test file still has modules of its own, evaluated in its own context, but from the same compiled script. A test
 * file that imports the module of the library loads some 1,400 files, 1,000 of them from packages; reading and
 * compiling them again for each test file took 6 of the 18 CPU seconds of `test/unit/common` and `test/unit/events`.
 */
module.exports = class CompileOnce extends Runtime {
  constructor(config, environment, resolver, transformer, files, coverage, testPath, ...others) {
    super(config, environment, resolver, transformer, new SharedFiles(files), coverage, testPath, ...others);
    startsBy(testPath);
    const { executor, transformCache } = this;
    if (
      typeof executor?.compile !== 'function' ||
      !Array.isArray(executor.injectedModuleParameters) ||
      typeof transformCache?.transform !== 'function' ||
      typeof resolver.resolveStubModuleName !== 'function'
    )
      throw new Error('jest-runtime works differently in this version: change test/support/compile-once.cjs');
    compileOnce(executor, environment);
    transformOnce(transformCache);
    rememberMapped(resolver);
  }
};

function compileOnce(executor, environment) {
  const anew = executor.compile.bind(executor);
  const head = `(function (${executor.injectedModuleParameters.join(', ')}) {`;
  executor.compile = (source, filename) => {
    const context = environment.getVmContext();
    if (!context) return null;
    let known = compiled.get(filename);
    if (known?.source !== source) {
      try {
        const script = new Script(`${head}${source}\n})`, { filename, columnOffset: -head.length });
        known = { source, script };
      } catch {
        // Jest's own method reports the error in jest's form.
        return anew(source, filename);
      }
      compiled.set(filename, known);
    }
    return known.script.runInContext(context);
  };
}

/**
 * Jest checks the date of each file whenever a test requires it; this remembers the first result for files of packages.
 */
function transformOnce(cache) {
  const anew = cache.transform.bind(cache);
  cache.transform = (path, options) => {
    if (!path.includes(PACKAGES) || options?.isInternalModule || options?.supportsStaticESM)
      return anew(path, options);
    const known = transformed.get(path);
    if (known) {
      cache.transforms.set(path, known);
      if (known.sourceMapPath) cache.sourceMaps.set(path, known.sourceMapPath);
      return known.code;
    }
    const code = anew(path, options);
    transformed.set(path, cache.transforms.get(path));
    return code;
  };
}

/**
 * Jest remembers where it found a module, except for names that `moduleNameMapper` changes, which most are: this
 * remembers those, too.
 */
function rememberMapped(resolver) {
  if (remembering.has(resolver)) return;
  remembering.add(resolver);
  const found = new Map();
  const anew = resolver.resolveStubModuleName.bind(resolver);
  resolver.resolveStubModuleName = (from, name, options) => {
    const key = [dirname(from), name, ...(options?.conditions ?? [])].join('\0');
    let path = found.get(key);
    if (path === undefined) found.set(key, (path = anew(from, name, options)));
    return path;
  };
}

/**
 * Keeps texts of the project's files for one test file, because they change in watch mode, and those of packages for
 * all.
 */
class SharedFiles extends Map {
  get(path) {
    return path.includes(PACKAGES) ? packageFiles.get(path) : super.get(path);
  }

  set(path, text) {
    if (!path.includes(PACKAGES)) return super.set(path, text);
    packageFiles.set(path, text);
    return this;
  }
}
