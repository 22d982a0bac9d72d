import { ConsoleLogger, type LoggerService } from '@nestjs/common';

/**
 * How the logger of the host takes fields: as parameters after the text (Nest 12's `ConsoleLogger` with `json`,
 * `NativeLogger` of nestjs-pino), as one object with the text as its message (Nest 11's), as an object before the text
 * (`Logger` of nestjs-pino), or not at all.
 */
export type FieldForm = 'after' | 'message' | 'before' | 'none';

/** What is read of the loggers that are known; nothing of it is declared by them for others. */
interface Known {
  options?: { json?: boolean; structuredParams?: boolean };
  /** Nestjs-pino: of both of its loggers. */
  logger?: { logger?: object };
  /** Nestjs-pino: of `NativeLogger` alone. */
  structuredParams?: boolean;
  getContextAndMessagesToPrint?: unknown;
}

/** Nest 11 writes each parameter after the text as a line of its own; Nest 12 has this method to write them as fields. */
const TAKES_PARAMETERS = 'stringifyParams' in ConsoleLogger.prototype;

/** Every logger of pino has it. It is registered, so that pino in several versions has the same. */
const OF_PINO = Symbol.for('pino.serializers');

/**
 * How the logger that Nest writes to takes fields. Only what is known takes any: a logger of the host's own may print
 * an object as `[object Object]`, so it gets the ids in the text. Never throws.
 */
export function fieldFormOf(host: LoggerService | undefined): FieldForm {
  if (host === undefined) return 'none';
  try {
    const { options, ...native } = knownPartsOf(host as Known);
    if (host instanceof ConsoleLogger) {
      if (!options?.json) return 'none';
      return TAKES_PARAMETERS && options.structuredParams !== false ? 'after' : 'message';
    }
    if (!native.pino) return 'none';
    if (!native.parsesLikeNest) return 'before';
    return native.structuredParams === true ? 'after' : 'none';
  } catch {
    // A getter of a logger that is not known.
    return 'none';
  }
}

function knownPartsOf(host: Known) {
  const pino = host.logger?.logger;
  return {
    options: host.options,
    pino: typeof pino === 'object' && pino !== null && OF_PINO in pino,
    parsesLikeNest: 'getContextAndMessagesToPrint' in host,
    structuredParams: host.structuredParams,
  };
}
