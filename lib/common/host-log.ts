import { ConsoleLogger, type LoggerService } from '@nestjs/common';

/**
 * How the logger of the host takes fields: as parameters after the text (Nest 12's `ConsoleLogger` with `json`,
 * `NativeLogger` of nestjs-pino), as one object with the text as its message (Nest 11's), as an object before the text
 * (`Logger` of nestjs-pino), or not at all.
 */
export type FieldForm = 'after' | 'message' | 'before' | 'none';

/** The properties by which known loggers are recognised. They are not part of the loggers' public types. */
interface Known {
  options?: { json?: boolean; structuredParams?: boolean };
  /** nestjs-pino: both of its loggers have it. */
  logger?: { logger?: object };
  /** nestjs-pino: only `NativeLogger` has it. */
  structuredParams?: boolean;
  getContextAndMessagesToPrint?: unknown;
}

/**
 * Nest 11 writes each parameter after the text as a line of its own; Nest 12 has this method to write them as fields.
 */
const TAKES_PARAMETERS = 'stringifyParams' in ConsoleLogger.prototype;

/** Every pino logger has it. `Symbol.for` makes it the same in all versions of pino. */
const OF_PINO = Symbol.for('pino.serializers');

/**
 * Finds out how the logger that Nest writes to takes fields. Only known loggers get fields: another one may print an
 * object as `[object Object]`, so it gets the ids in the text. Never throws.
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
    // An unknown logger may have a getter that throws.
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
