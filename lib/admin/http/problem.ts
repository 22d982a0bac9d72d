/** One thing that is wrong with a request. */
export interface ProblemIssue {
  path: string;
  code: string;
  message: string;
  line?: number | undefined;
}

/** What a response has in addition to status, code and detail. */
interface ProblemMore {
  headers?: Readonly<Record<string, string>>;
  issues?: readonly ProblemIssue[];
  /** Further members of the problem, such as the current revision. */
  members?: Readonly<Record<string, unknown>>;
}

/**
 * A refusal for which the services have no error: a session, a header or a condition is missing, or there are too many
 * requests.
 */
export class Problem extends Error {
  constructor(
    readonly status: number,
    /** Identifies the problem for programs. It never changes. */
    readonly code: string,
    detail: string,
    readonly more: ProblemMore = {},
  ) {
    super(detail);
    this.name = 'Problem';
  }
}

/** The words for a status, as HTTP has them. */
const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Content too large',
  415: 'Unsupported media type',
  428: 'Precondition required',
  429: 'Too many requests',
  500: 'Internal server error',
  503: 'Service unavailable',
};

export const titleOf = (status: number): string => TITLES[status] ?? (status < 500 ? 'Bad request' : 'Error');

/** The body of a problem response, RFC 9457. */
export const problemBody = (
  status: number,
  code: string,
  detail: string,
  { issues, members }: ProblemMore = {},
): Record<string, unknown> => ({
  type: `urn:nestjs-scripts-event:${code}`,
  title: titleOf(status),
  status,
  detail,
  code,
  ...members,
  ...(issues ? { issues } : {}),
});
