import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  HttpStatus,
  Injectable,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { SystemClock } from '../../common/clock.js';
import { isOutage } from '../../common/database-failure.js';
import { messageOf, ScriptsEventError } from '../../common/errors.js';
import { printable } from '../../common/printable.js';
import { PrintableLogger } from '../../common/printable-logger.js';
import { ThrottledLog } from '../../common/throttled-log.js';
import { STATUSES } from '../../http/statuses.js';
import { Problem, problemBody, type ProblemIssue, titleOf } from './problem.js';
import { problemContent, send } from './reply.js';

/** Seconds after which an answer that is not there for now may be asked for again. */
const RETRY_AFTER = '5';
/** Characters of a message of the host's own. */
const LONGEST_DETAIL = 2_000;

const HIDDEN = 'Something went wrong in the application; its log says what.';
const AWAY = 'Temporarily unavailable; try again later.';

/**
 * Answers every error of the API as a problem of RFC 9457. The status of an error of this package follows from its category.
 * What is `internal` or `unavailable` is logged and not shown, since it may name hosts and files.
 */
@Injectable()
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new ThrottledLog(new PrintableLogger('ScriptsEventAdmin'), new SystemClock());

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<object>();
    const problem = this.problemOf(error);
    const { status, code, message, more } = problem;
    const body = problemContent(problemBody(status, code, message, more));
    send(this.adapterHost.httpAdapter, response, status, body, {
      'Cache-Control': 'no-store',
      ...more.headers,
    });
  }

  private problemOf(error: unknown): Problem {
    if (error instanceof Problem) return error;
    if (error instanceof ScriptsEventError) return this.ofPackage(error);
    if (error instanceof HttpException && error.getStatus() < 500) return ofHost(error);
    if (isOutage(error)) return this.unavailable('database-away', error);
    return this.internal(error);
  }

  private ofPackage(error: ScriptsEventError): Problem {
    const status = STATUSES[error.category];
    if (status === HttpStatus.SERVICE_UNAVAILABLE) return this.unavailable(error.code, error);
    if (status === HttpStatus.INTERNAL_SERVER_ERROR) return this.internal(error);
    return new Problem(status, error.code, error.message, issuesOf(error));
  }

  private unavailable(code: string, error: unknown): Problem {
    this.log.warn(code, `${code}: ${messageOf(error)}`);
    return new Problem(503, code, AWAY, { headers: { 'Retry-After': RETRY_AFTER } });
  }

  private internal(error: unknown): Problem {
    const text = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
    this.log.error(messageOf(error), text);
    return new Problem(500, 'internal', HIDDEN);
  }
}

const issuesOf = (error: object): { issues?: readonly ProblemIssue[] } =>
  'issues' in error ? { issues: error.issues as readonly ProblemIssue[] } : {};

/** What the host's guards say, in the form of this API. */
function ofHost(error: HttpException): Problem {
  const status = error.getStatus();
  const code = titleOf(status).toLowerCase().replaceAll(' ', '-');
  return new Problem(status, code, printable(error.message, LONGEST_DETAIL));
}
