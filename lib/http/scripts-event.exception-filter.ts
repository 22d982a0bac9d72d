import { Catch, HttpException, HttpStatus, type ArgumentsHost } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { messageOf, ScriptsEventError, stackOf } from '../common/errors.js';
import { SystemClock } from '../common/clock.js';
import { subjectOfError } from '../common/error-subject.js';
import { lineAbout } from '../common/log-line.js';
import { PrintableLogger } from '../common/printable-logger.js';
import { ThrottledLog } from '../common/throttled-log.js';
import { STATUSES } from './statuses.js';

/**
 * Turns this package's errors into HTTP responses, on Express and Fastify:
 *
 * ```json
 * { "statusCode": 409, "code": "script-conflict", "message": "Script 0198… has version 4 by now, …" }
 * ```
 *
 * The status follows from {@link ScriptsEventError.category}. Errors with `issues` list them. For `internal` and
 * `unavailable` errors the response has a general message, because the details may name hosts and files. Nest's log has
 * the details, with the ids that the error names, and the same error at most once a minute.
 *
 * ```ts
 * providers: [{ provide: APP_FILTER, useClass: ScriptsEventExceptionFilter }]
 * ```
 *
 * Outside HTTP (microservices, WebSockets, GraphQL) it rethrows the error.
 *
 * @publicApi
 */
@Catch(ScriptsEventError)
export class ScriptsEventExceptionFilter extends BaseExceptionFilter<ScriptsEventError> {
  private readonly log = new ThrottledLog(
    new PrintableLogger(ScriptsEventExceptionFilter.name),
    new SystemClock(),
  );

  override catch(error: ScriptsEventError, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error;
    const statusCode = STATUSES[error.category];
    const { code } = error;
    if (statusCode === HttpStatus.INTERNAL_SERVER_ERROR) {
      const text = stackOf(error);
      this.log.error(
        `${code}: ${messageOf(error)}`,
        lineAbout(subjectOfError(error), () => text),
      );
      // Nest's own wording for unknown errors.
      return this.answer({ statusCode, message: 'Internal server error' }, host);
    }
    if (statusCode === HttpStatus.SERVICE_UNAVAILABLE) {
      this.log.warn(
        code,
        lineAbout(subjectOfError(error), () => `${code}: ${error.message}`),
      );
      return this.answer({ statusCode, code, message: 'Temporarily unavailable. Try again later.' }, host);
    }
    this.answer({ statusCode, code, message: error.message, ...issuesOf(error) }, host);
  }

  private answer(body: { statusCode: HttpStatus } & Record<string, unknown>, host: ArgumentsHost): void {
    // Nest's own filter writes an HttpException's object as it is, through the adapter of the host.
    super.catch(new HttpException(body, body.statusCode) as never, host);
  }
}

const issuesOf = (error: object): { issues?: unknown } => ('issues' in error ? { issues: error.issues } : {});
