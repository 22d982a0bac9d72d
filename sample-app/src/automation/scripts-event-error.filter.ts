import { Catch, HttpStatus, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { ScriptsEventError, ScriptValidationError } from 'nestjs-scripts-event';

/** The part of an HTTP response this filter uses. */
interface HttpResponse {
  status(code: number): { json(body: object): void };
}

const CONFLICTS: ReadonlySet<string> = new Set([
  'duplicate-script-name',
  'script-conflict',
  'script-status',
  'script-healthy',
  'dead-letter-state',
  'execution-input-not-kept',
]);

/**
 * Errors of the package as HTTP answers: the code is for programs, the message says what to change. What the caller cannot
 * change is for the operator, and may name files or hosts: it goes to the log.
 */
@Catch(ScriptsEventError)
export class ScriptsEventErrorFilter implements ExceptionFilter<ScriptsEventError> {
  private readonly logger = new Logger(ScriptsEventErrorFilter.name);

  catch(error: ScriptsEventError, host: ArgumentsHost): void {
    const statusCode = statusOf(error.code);
    const isOurs = statusCode >= HttpStatus.INTERNAL_SERVER_ERROR;
    if (isOurs) this.logger.error(error.message, error.stack);
    const message = isOurs ? 'The server could not do this; its log says why.' : error.message;
    const issues = error instanceof ScriptValidationError ? { issues: error.issues } : {};
    host
      .switchToHttp()
      .getResponse<HttpResponse>()
      .status(statusCode)
      .json({ statusCode, code: error.code, message, ...issues });
  }
}

function statusOf(code: string): HttpStatus {
  if (code.endsWith('-not-found')) return HttpStatus.NOT_FOUND;
  if (CONFLICTS.has(code)) return HttpStatus.CONFLICT;
  if (code.startsWith('invalid-') || code === 'event-refused') return HttpStatus.BAD_REQUEST;
  return HttpStatus.INTERNAL_SERVER_ERROR;
}
