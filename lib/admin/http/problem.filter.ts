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
import { subjectOfError } from '../../common/error-subject.js';
import { messageOf, ScriptsEventError, stackOf } from '../../common/errors.js';
import { ChangeTooSlowError } from '../../common/change-too-slow.error.js';
import { QueryTooSlowError } from '../../common/query-too-slow.error.js';
import { lineAbout, type LogSubject } from '../../common/log-line.js';
import { printable } from '../../common/printable.js';
import { PrintableLogger } from '../../common/printable-logger.js';
import { ThrottledLog } from '../../common/throttled-log.js';
import { STATUSES } from '../../http/statuses.js';
import { subjectOfRequest } from '../access/admitted.js';
import { Problem, problemBody, type ProblemIssue, titleOf } from './problem.js';
import { problemContent, send } from './reply.js';

/** Seconds after which a client may repeat a request that failed for the moment. */
const RETRY_AFTER = '5';
/** Longest message of the host's own, in characters. */
const LONGEST_DETAIL = 2_000;

/**
 * RFC 9110 requires a challenge with every 401. How a session begins is up to the host, so this is a scheme for which
 * no browser asks for a password. If a guard sets a challenge of its own, that one is kept.
 */
const CHALLENGE = { 'WWW-Authenticate': 'Session realm="scripts-event"' };

const HIDDEN = 'Something went wrong in the application. Its log has the details.';
const AWAY = 'Temporarily unavailable. Try again later.';

/**
 * Responds to every error of the API with a problem as in RFC 9457. The status of an error of this package follows from
 * its category. `internal` and `unavailable` errors are logged and not shown, because they may name hosts and files.
 */
@Injectable()
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new ThrottledLog(new PrintableLogger('ScriptsEventAdmin'), new SystemClock());

  constructor(protected readonly adapterHost: HttpAdapterHost) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<object>();
    this.refuse(this.problemOf(error, { ...subjectOfRequest(request), ...subjectOfError(error) }), host);
  }

  /** Responds to a request with a problem. */
  protected refuse(problem: Problem, host: ArgumentsHost): void {
    this.answer(problem, host.switchToHttp().getResponse<object>());
  }

  /** Writes a problem as the response. */
  answer(problem: Problem, response: object): void {
    const { status, code, message, more } = problem;
    const body = problemContent(problemBody(status, code, message, more));
    send(this.adapterHost.httpAdapter, response, status, body, {
      'Cache-Control': 'no-store',
      ...this.headersOf(problem, response),
    });
  }

  /** Headers of a response with a problem, whatever form its body has. */
  protected headersOf({ status, more }: Problem, response: object): Readonly<Record<string, string>> {
    const { httpAdapter } = this.adapterHost;
    const isChallenged = status !== 401 || httpAdapter.getHeader(response, 'WWW-Authenticate');
    return { ...(isChallenged ? {} : CHALLENGE), ...more.headers };
  }

  private problemOf(error: unknown, about: LogSubject): Problem {
    if (error instanceof Problem) return error;
    if (error instanceof ScriptsEventError) return this.ofPackage(error, about);
    if (error instanceof HttpException && error.getStatus() < 500) return ofHost(error);
    if (isOutage(error)) return this.unavailable('database-away', error, about);
    return this.internal(error, about);
  }

  private ofPackage(error: ScriptsEventError, about: LogSubject): Problem {
    const status = STATUSES[error.category];
    if (status === HttpStatus.SERVICE_UNAVAILABLE)
      return this.unavailable(error.code, error, about, isTooSlow(error) ? error.message : AWAY);
    if (status === HttpStatus.INTERNAL_SERVER_ERROR) return this.internal(error, about);
    return new Problem(status, error.code, error.message, issuesOf(error));
  }

  private unavailable(code: string, error: unknown, about: LogSubject, detail = AWAY): Problem {
    this.log.warn(
      code,
      lineAbout(about, () => `${code}: ${messageOf(error)}`),
    );
    return new Problem(503, code, detail, { headers: { 'Retry-After': RETRY_AFTER } });
  }

  private internal(error: unknown, about: LogSubject): Problem {
    const text = stackOf(error);
    this.log.error(
      messageOf(error),
      lineAbout(about, () => text),
    );
    return new Problem(500, 'internal', HIDDEN);
  }
}

/** The messages of these errors say what to request instead, and nothing about the database. */
const isTooSlow = (error: object): boolean =>
  error instanceof QueryTooSlowError || error instanceof ChangeTooSlowError;

const issuesOf = (error: object): { issues?: readonly ProblemIssue[] } =>
  'issues' in error ? { issues: error.issues as readonly ProblemIssue[] } : {};

/** An error of the host's guards, in the form of this API. */
function ofHost(error: HttpException): Problem {
  const status = error.getStatus();
  const code = titleOf(status).toLowerCase().replaceAll(' ', '-');
  return new Problem(status, code, printable(error.message, LONGEST_DETAIL));
}
