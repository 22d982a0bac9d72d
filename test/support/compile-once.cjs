// In each worker, before it runs anything.
require('./optimise-late.cjs');
const { sep } = require('node:path');
const { Script } = require('node:vm');
const { default: Runtime } = require('jest-runtime');

const PACKAGES = `${sep}node_modules${sep}`;

/** What each path was compiled to, for all test files of this worker. */
const compiled = new Map();
/** The text of each file of a package, for all test files of this worker. */
const packageFiles = new Map();

/**
 * Jest's own runtime, except that a worker compiles each file once and reads each package once: every test file has
 * modules of its own still, evaluated in its own context, but from the same script. Whoever imports the module of the
 * library loads some 1,400 files, of which 1,000 are of packages; to read and compile them again for each test file took
 * 6 of 18 CPU seconds of `test/unit/common` and `test/unit/events`.
 */
module.exports = class CompileOnce extends Runtime {
  constructor(config, environment, resolver, transformer, files, ...others) {
    super(config, environment, resolver, transformer, new SharedFiles(files), ...others);
    const { executor } = this;
    if (typeof executor?.compile !== 'function' || !Array.isArray(executor.injectedModuleParameters))
      throw new Error(
        'jest-runtime compiles elsewhere in this version: change test/support/compile-once.cjs',
      );
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
          // Says what is wrong in jest's words.
          return anew(source, filename);
        }
        compiled.set(filename, known);
      }
      return known.script.runInContext(context);
    };
  }
};

/** Texts of the project's files for one test file, since they change in watch mode; of packages for all. */
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
