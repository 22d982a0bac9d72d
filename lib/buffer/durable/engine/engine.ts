import { EngineMissingError, EngineUnsupportedError } from './engine.errors.js';
import { checkEngineVersion, installedEngineVersion } from './engine-version.js';

/**
 * The part of graphile-worker that is used, declared here because an optional peer must not appear in published types.
 * 0.17 (CommonJS) and 0.18 (ES module) look the same here.
 */
export interface EngineModule {
  runTaskList(options: EngineOptions, tasks: Record<string, EngineTask>, pool: unknown): EngineWorkerPool;
  runMigrations(options: { pgPool: unknown; schema: string; logger: unknown }): Promise<void>;
  Logger: new (
    factory: (
      scope: unknown,
    ) => (level: string, message: string, meta?: { error?: unknown; job?: unknown }) => void,
  ) => unknown;
}

interface EngineOptions {
  schema: string;
  concurrency: number;
  pollInterval: number;
  noHandleSignals: true;
  noPreparedStatements: boolean;
  logger: unknown;
  /** An `EventEmitter` for the engine's worker events. */
  events: unknown;
  /** Called before a worker looks for a job. The worker waits until it resolves. */
  forbiddenFlags: () => Promise<null>;
  preset: {
    worker: {
      localQueue: { size: number; ttl: number };
      completeJobBatchDelay: number;
      failJobBatchDelay: number;
      gracefulShutdownAbortTimeout: number;
    };
  };
}

type EngineTask = (payload: unknown, helpers: { job: EngineJob }) => Promise<void>;

export interface EngineJob {
  id: string;
  /** How often it was handed out, including this time. */
  attempts: number;
  /** Fencing token; see `GuardedFetch`. */
  fence: string;
}

export interface EngineWorkerPool {
  /** The name under which this pool locks jobs. */
  readonly id: string;
  readonly promise: Promise<void>;
  gracefulShutdown(message?: string): PromiseLike<unknown>;
}

/** Loads graphile-worker. If it is missing, throws an error with the command that installs it. */
export async function loadEngine(warn: (line: string) => void): Promise<EngineModule> {
  let loaded: unknown;
  try {
    // A real import() also from CommonJS output, so that the ES module of 0.18 loads as well.
    // @ts-ignore -- an optional peer: a host without it must still be able to compile
    loaded = await import('graphile-worker');
  } catch (error) {
    throw new EngineMissingError(installCommand(), error);
  }
  const engine = unwrapped(loaded);
  checkEngineVersion(installedEngineVersion(), installCommand(), warn);
  if (!isEngine(engine)) throw new EngineUnsupportedError(installCommand());
  return engine;
}

/** The command that installs a version for this Node.js: 0.18 needs 22.18, older ones get 0.17. */
export function installCommand(nodeVersion = process.versions.node): string {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const modern = major > 22 || (major === 22 && minor >= 18);
  return `npm install graphile-worker@${modern ? '^0.18.0' : '~0.17.3'}`;
}

/** A CommonJS module also has its exports under `default`, and with some loaders only there. */
function unwrapped(loaded: unknown): unknown {
  const { runTaskList, default: inner } = loaded as { runTaskList?: unknown; default?: unknown };
  return runTaskList === undefined ? inner : loaded;
}

const isEngine = (engine: unknown): engine is EngineModule =>
  typeof engine === 'object' &&
  engine !== null &&
  ['runTaskList', 'runMigrations', 'Logger'].every(
    (name) => typeof (engine as Record<string, unknown>)[name] === 'function',
  );
