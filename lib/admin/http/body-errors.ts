import type { OnModuleInit } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { Problem } from './problem.js';
import type { ProblemFilter } from './problem.filter.js';

/** An error of Express or Fastify for a request that they can't read. */
interface ReadingError {
  /** Express. */
  status?: unknown;
  /** Express: the kind of error, such as `entity.too.large`. */
  type?: unknown;
  /** Fastify. */
  statusCode?: unknown;
  /** Fastify: `FST_ERR_CTP_…` for errors of a body. Express: `Z_…` for a body that it can't unpack. */
  code?: unknown;
}

interface Express {
  use(
    handler: (error: unknown, request: { originalUrl: string }, response: object, next: Next) => void,
  ): void;
}
type Next = (error: unknown) => void;

type FastifyErrorHandler = (error: unknown, request: object, reply: object) => void;
interface Fastify {
  addHook(name: 'onRoute', hook: (route: { url: string; errorHandler?: FastifyErrorHandler }) => void): void;
}

/**
 * Answers with problems where the host's adapter fails before a route of this API is reached: a body is not JSON, or
 * too large. Filters of controllers don't see these errors, and filters that do are the host's.
 */
export class BodyErrors implements OnModuleInit {
  private readonly own: RegExp;

  /** @param path path of the API, without any prefix */
  constructor(
    path: string,
    private readonly adapterHost: HttpAdapterHost,
    private readonly problems: ProblemFilter,
  ) {
    const escaped = path.replaceAll('.', String.raw`\.`);
    this.own = new RegExp(`^[^?#]*/${escaped}/api(/|$|[?#])`);
  }

  /** Fastify needs this before the routes are created. */
  beforeRoutes(): void {
    if (this.adapter !== 'fastify') return;
    this.adapterHost.httpAdapter.getInstance<Fastify>().addHook('onRoute', (route) => {
      if (!this.own.test(route.url)) return;
      route.errorHandler = (error, _request, reply) => {
        const problem = bodyProblem(error);
        // Passed to the application's error handler.
        if (!problem) throw error;
        this.problems.answer(problem, reply);
      };
    });
  }

  /** Express calls error handlers in order: this one is added after the routes and before Nest's own. */
  onModuleInit(): void {
    if (this.adapter !== 'express') return;
    this.adapterHost.httpAdapter.getInstance<Express>().use((error, { originalUrl }, response, next) => {
      const problem = this.own.test(originalUrl) ? bodyProblem(error) : undefined;
      if (problem) this.problems.answer(problem, response);
      else next(error);
    });
  }

  private get adapter(): string | undefined {
    // An application context without HTTP has no adapter.
    return (this.adapterHost.httpAdapter as typeof this.adapterHost.httpAdapter | undefined)?.getType();
  }
}

/** The problem of an error. It repeats nothing of the body, as a parser's message would. */
function bodyProblem(error: unknown): Problem | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { status, type, statusCode, code } = error as ReadingError;
  if (error instanceof URIError)
    return new Problem(
      400,
      'malformed-path',
      'The path is not valid: it contains a "%" that does not begin an encoded character.',
    );
  const ofBody = typeof type === 'string' || /^(FST_ERR_CTP|Z)_/.test(String(code));
  if (!ofBody) return undefined;
  switch (status ?? statusCode) {
    case 400:
      if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY')
        return new Problem(
          400,
          'malformed-body',
          'The body is empty. Send a JSON object, or leave out the header content-type.',
        );
      return new Problem(400, 'malformed-body', 'The body is not valid JSON.');
    case 413:
      return new Problem(
        413,
        'body-too-large',
        "The body is larger than the application's limit for bodies.",
      );
    case 415:
      return new Problem(415, 'json-needed', 'Send the body as application/json in UTF-8.');
    default:
      return undefined;
  }
}
