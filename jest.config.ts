/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const swc = (
  parser: Record<string, unknown>,
  transform?: Record<string, unknown>,
): [string, Record<string, unknown>] => [
  '@swc/jest',
  {
    swcrc: false,
    sourceMaps: 'inline',
    module: { type: 'commonjs' },
    jsc: { target: 'es2022', keepClassNames: true, parser, transform },
  },
];

// These are ES modules (graphile-worker from 0.18 on), which jest can require only on Node >= 24.9: compile to CommonJS.
const esmOnly = [
  '@nestjs',
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
  '@tokenizer',
  '@borewit',
  'graphile-worker',
  '@seriousme',
];

/** Another engine of the durable buffer than the lockfile has: see CONTRIBUTING.md. */
const engine = process.env.TEST_GRAPHILE_WORKER;

const config: Config = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test', '<rootDir>/sample-app'],
  testMatch: ['**/*.spec.ts', '**/*.e2e-spec.ts', '**/*.fault-spec.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  moduleNameMapper: {
    ...(engine && {
      '^graphile-worker$': `<rootDir>/test/support/graphile-worker-${engine}/node_modules/graphile-worker`,
    }),
    '^nestjs-scripts-event$': '<rootDir>/lib/index.ts',
    '^nestjs-scripts-event/migrations$': '<rootDir>/migrations/index.ts',
    '^nestjs-scripts-event/(filters|sandbox|admin|terminus|opentelemetry|testing)$':
      '<rootDir>/lib/$1/index.ts',
    // A forked child or a thread cannot run TypeScript: tests start what `npm test` has just built.
    '^(\\./|\\.\\./)*(process/)?child-entry\\.js$': '<rootDir>/test/support/child-entry.ts',
    '^\\./worker-entry\\.js$': '<rootDir>/test/support/worker-entry.ts',
    '^\\./(serving/)?page-place\\.js$': '<rootDir>/test/support/page-place.ts',
    '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1'],
  },
  transform: {
    '\\.ts$': swc(
      { syntax: 'typescript', decorators: true },
      { legacyDecorator: true, decoratorMetadata: true },
    ),
    '\\.m?js$': swc({ syntax: 'ecmascript' }),
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  // Each test file has modules of its own; what they compile to is shared.
  runtime: '<rootDir>/test/support/compile-once.cjs',
  // One more than the cores of the smallest machine: some tests wait, for a lease to end or a process to be gone.
  maxWorkers: 3,
  // Says what the tests have started, and holds the short form to a budget.
  reporters: ['default', '<rootDir>/test/support/starts/starts.reporter.cjs'],
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  // A test that hangs ends after the limit of its folder or file.
  setupFilesAfterEnv: ['<rootDir>/test/support/time-limits.setup.ts'],
};

module.exports = config;
