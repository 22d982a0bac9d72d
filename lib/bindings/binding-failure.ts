import { HttpException } from '@nestjs/common';
import { BindingCallError } from '../common/binding-call.error.js';
import { messageOf, ScriptsEventError } from '../common/errors.js';
import { isRecord } from '../common/json.js';
import type { BindingResultLabel } from '../metrics/metrics.recorder.js';

/** A failed call, as shown to the script, the metrics and the log. */
export interface BindingFailure {
  /** For the script: only messages that were written for others to read. */
  shown: ScriptsEventError;
  /** For the metrics. */
  label: BindingResultLabel;
  /** For the host's log; undefined if the script's author can solve the problem. */
  logged: string | undefined;
}

const LABELS: ReadonlyMap<string, BindingResultLabel> = new Map([
  ['invalid-input', 'invalid'],
  ['not-allowed', 'not_allowed'],
  ['timeout', 'timeout'],
]);

/** Reads what a call of the binding threw. */
export function failureOf(binding: string, thrown: unknown): BindingFailure {
  const shown = shownOf(thrown);
  if (shown === undefined) {
    const error = new BindingCallError('failed', `${binding} failed`, { cause: thrown });
    return { shown: error, label: 'failed', logged: inOneLine(thrown) };
  }
  const label = LABELS.get(shown.code) ?? 'failed';
  // The cause of an error may hold what the script must not see, so it goes to the log.
  const logged = label === 'timeout' || shown.cause !== undefined;
  return { shown, label, logged: logged ? inOneLine(shown.cause ?? shown) : undefined };
}

/** The error as the script may see it; `undefined` if its message was not written for others to read. */
function shownOf(thrown: unknown): ScriptsEventError | undefined {
  if (thrown instanceof ScriptsEventError) return thrown;
  if (thrown instanceof HttpException) {
    const status = thrown.getStatus();
    // A 4xx message is written for users of the host's API; a 5xx message may reveal internals of the host.
    if (status >= 400 && status < 500) return new BindingCallError(`http-${status}`, httpMessageOf(thrown));
  }
  return undefined;
}

/** A `ValidationPipe` puts a list of messages into the response, and a general one on the exception. */
function httpMessageOf(exception: HttpException): string {
  const response = exception.getResponse();
  const message = isRecord(response) ? response.message : response;
  if (Array.isArray(message)) return message.join('; ');
  return typeof message === 'string' ? message : exception.message;
}

const MOST_CHARACTERS = 500;

/** Message and first stack frame of the host, on one line of limited length. */
function inOneLine(thrown: unknown): string {
  const message = messageOf(thrown).slice(0, MOST_CHARACTERS);
  return `${message} ${firstFrameOf(thrown)}`.replaceAll(/\s+/g, ' ').trim();
}

function firstFrameOf(thrown: unknown): string {
  if (!(thrown instanceof Error) || thrown instanceof ScriptsEventError) return '';
  try {
    // Line by line: a message may repeat a tenant's text, such as a hundred thousand line breaks.
    const frame = String(thrown.stack)
      .split('\n')
      .find((line) => /^\s+at ./.test(line));
    return frame?.slice(0, MOST_CHARACTERS) ?? '';
  } catch {
    // With source maps, a stack's text is computed when it is read, from the error's current message.
    return '';
  }
}
