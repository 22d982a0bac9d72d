import { BindingCallError } from '../../common/binding-call.error.js';
import { ScriptsEventError } from '../../common/errors.js';

/**
 * `http.allowedHosts` is set and the package that makes the calls is not installed. Thrown when the application starts.
 *
 * @publicApi
 */
export class HttpClientMissingError extends ScriptsEventError {
  readonly code = 'http-client-missing';

  constructor(cause?: unknown) {
    super(
      `http.allowedHosts is set, but the package "undici" can't be loaded. Run "npm install undici@^7", or remove the option.`,
      { cause },
    );
  }
}

/** Why a call was not made, or its answer was not given to the script. */
export type HttpProblem =
  | 'invalid-input' /* the request is malformed */
  | 'url-not-allowed' /* the scheme is not allowed, or the address has credentials */
  | 'method-not-allowed' /* not among http.methods */
  | 'host-not-allowed' /* not among http.allowedHosts */
  | 'address-not-allowed' /* the host has an internal address */
  | 'too-large' /* the body of the request or the response */
  | 'too-many-redirects'
  | 'busy' /* too many calls of the tenant, or of all tenants, are running */
  | 'network'; /* no connection, or an answer that is not HTTP */

const RETRYABLE: ReadonlySet<HttpProblem> = new Set(['network', 'busy'] as const);

/** The error that the script gets; `cause` is only for the host's log. */
export const httpError = (code: HttpProblem, message: string, cause?: Error): BindingCallError =>
  new BindingCallError(code, message, { cause, retryable: RETRYABLE.has(code) });
