import { Delete, Get, Patch, Post, Req, Res } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { idsIn } from '../../common/error-subject.js';
import type { LogSubject } from '../../common/log-line.js';
import { concern, sessionOf } from '../access/admitted.js';
import type { Session } from '../access/session.js';
import { Dto } from '../schema/dto.js';
import { present } from '../schema/present.js';
import { readBody, readQuery } from '../schema/read.js';
import { Problem } from './problem.js';
import { goneSignal, headerOf, type HttpRequest, takeOver } from './request.js';
import { jsonContent, Reply, send, sendFresh, Streamed, textContent } from './reply.js';
import type { Method, RouteDescription, RouteSpec } from './route.description.js';
import { describeForSwagger } from './swagger-route.js';

const METHODS = { GET: Get, POST: Post, PATCH: Patch, DELETE: Delete } as const;

/** What a handler gets of an admitted request. */
export interface Call<Query = unknown, Body = unknown> {
  readonly session: Session;
  /** The user, for records. */
  readonly by: string;
  /** The tenant of the request; empty for a route without one. */
  readonly tenantId: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** The value of `If-Match`. */
  readonly ifMatch: string | undefined;
  /** Aborts when the client disconnects. */
  readonly gone: AbortSignal;
}

/** What the routes of a controller need to write a response. */
export interface Answering {
  readonly adapterHost: HttpAdapterHost;
}

const ROUTE = Symbol('scripts-event:admin-route');

type Handler = (call: Call<never, never>) => unknown;

/** The original handlers of the methods that {@link Route} has replaced. */
const HANDLERS = new WeakMap<object, Handler>();

/** The route of a handler. Throws for a handler without one. */
export function routeOf(handler: object): RouteDescription {
  const route = Reflect.getMetadata(ROUTE, handler) as RouteDescription | undefined;
  if (!route) throw new TypeError('a handler of the admin API has no @Route()');
  return route;
}

/** Makes a handler the described route. {@link Route} does this for the API. */
export const declareRoute = (handler: object, route: RouteDescription): void =>
  Reflect.defineMetadata(ROUTE, route, handler);

/** The routes of a controller, in the order of its methods, each with the method's name. */
export function routesOf(
  controller: abstract new (...args: never[]) => object,
): [string, RouteDescription][] {
  const prototype = controller.prototype as object;
  return Object.getOwnPropertyNames(prototype)
    .map((name) => [name, (prototype as Record<string, unknown>)[name]] as const)
    .filter(
      (entry): entry is [string, object] =>
        typeof entry[1] === 'function' && Reflect.hasMetadata(ROUTE, entry[1]),
    )
    .map(([name, handler]) => [name, routeOf(handler)]);
}

/**
 * A route of the API. The handler gets one {@link Call} and returns the response, or a {@link Reply}.
 *
 * The route reads the request itself: a parameter with `@Body()` would pass the host's pipes first, and one that trims
 * or converts would change a script's source. It also writes the response itself, because an interceptor of the host
 * may wrap what is returned.
 */
export function Route(
  place: `${Method} ${string}`,
  spec: RouteSpec,
): <Handler extends (call: Call<never, never>) => unknown>(
  prototype: Answering,
  name: string,
  descriptor: TypedPropertyDescriptor<Handler>,
) => void {
  const [method, path] = place.split(' ') as [Method, string];
  const route: RouteDescription = { ...spec, method, path };
  return (prototype, name, descriptor) => {
    const handler = descriptor.value as Handler;
    async function answer(this: Answering, request: HttpRequest, response: object): Promise<void> {
      const asked = { session: sessionOf(request), request, gone: goneSignal(response) };
      const result: unknown = await handler.call(this, callOf(route, asked));
      if (result instanceof Streamed) result.begin(takeOver(response), request.method === 'HEAD');
      else write(this, route, request, response, result);
    }
    const replaced = descriptor as PropertyDescriptor;
    replaced.value = answer;
    Req()(prototype, name, 0);
    Res()(prototype, name, 1);
    METHODS[method](path)(prototype, name, replaced);
    declareRoute(answer, route);
    HANDLERS.set(answer, handler);
    describeForSwagger(route, answer);
  };
}

/** What a session needs for a route. @throws Problem 403 */
export function requireRights({ permission, operators }: RouteDescription, session: Session): void {
  if (permission !== undefined) session.require(permission);
  if (operators && session.tenants !== 'all')
    throw new Problem(403, 'operators-only', 'Only sessions that may see every tenant can use this.');
}

/**
 * The JSON that a route responds with to a session, without a request. Checks permissions, tenant and query as for a
 * request.
 *
 * @param name the method of a GET route whose response is JSON
 * @param asked `query` as in an address, with texts as values; `gone` aborts when nobody needs the answer any more
 * @throws Problem, or any other error that a request would end with
 */
export async function answerInside<Of extends Answering>(
  controller: Of,
  name: keyof Of & string,
  asked: { session: Session; query: Readonly<Record<string, unknown>>; gone: AbortSignal },
): Promise<unknown> {
  const method = controller[name] as object;
  const route = routeOf(method);
  const handler = HANDLERS.get(method);
  if (!handler || typeof route.answer !== 'function')
    throw new TypeError(`${name} does not answer with JSON`);
  requireRights(route, asked.session);
  const { session, query, gone } = asked;
  const result = await handler.call(
    controller,
    callOf(route, { session, request: { query, headers: {} }, gone }),
  );
  return present(route.answer, (result instanceof Reply ? result.value : result) as object);
}

/** The query of a route that has none. */
class NoQuery extends Dto {}

/** The tenant of a request; empty if the route has none, or if its tenant is optional and the request has none. */
function tenantOf({ tenant: needed }: RouteDescription, session: Session, named: unknown): string {
  if (needed === false) return '';
  const known = named !== undefined || session.onlyTenant !== null;
  return needed === 'optional' && !known ? '' : session.tenantOf(named);
}

/** What the `id` in a path identifies, by the first part of the path. */
const ID_OF: Readonly<Record<string, 'scriptId' | 'executionId' | 'deadLetterId'>> = {
  scripts: 'scriptId',
  executions: 'executionId',
  'dead-letters': 'deadLetterId',
};

/** The ids in the path of a request, for the log. */
function subjectOfPath(path: string, { id, eventId }: Readonly<Record<string, string>>): LogSubject {
  const of = ID_OF[path.split('/', 1)[0] ?? ''];
  return { ...(of && id !== undefined ? { [of]: id } : {}), ...(eventId === undefined ? {} : { eventId }) };
}

function callOf(
  route: RouteDescription,
  { session, request, gone }: { session: Session; request: Omit<HttpRequest, 'method'>; gone: AbortSignal },
): Call<never, never> {
  const { tenant, ...query } = (request.query ?? {}) as Record<string, unknown>;
  const tenantId = tenantOf(route, session, tenant);
  const given = route.tenant === false && tenant !== undefined ? { ...query, tenant } : query;
  const params = (request.params ?? {}) as Record<string, string>;
  const ofPath = { tenantId: tenantId || null, ...subjectOfPath(route.path, params) };
  concern(request, ofPath);
  const read = readQuery(route.query ?? NoQuery, given);
  const body = route.body ? readBody(route.body, request.body) : undefined;
  concern(request, { ...idsIn(read), ...idsIn(body), ...ofPath });
  return {
    session,
    by: session.actor.id,
    tenantId,
    params,
    query: read as never,
    body: body as never,
    ifMatch: headerOf(request, 'if-match'),
    gone,
  };
}

function write(
  { adapterHost: { httpAdapter } }: Answering,
  { method, status, answer }: RouteDescription,
  request: HttpRequest,
  response: object,
  result: unknown,
): void {
  const { value, headers } =
    result instanceof Reply ? result : new Reply(result as object | string | undefined);
  if (answer === undefined || value === undefined)
    return send(httpAdapter, response, status ?? 204, undefined, headers);
  const content =
    typeof value === 'string'
      ? textContent(value)
      : jsonContent(typeof answer === 'function' ? present(answer, value) : value);
  if (method === 'GET') return sendFresh(httpAdapter, request, response, content, headers);
  return send(httpAdapter, response, status ?? 200, content, headers);
}
