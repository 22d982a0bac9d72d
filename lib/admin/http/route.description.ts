import type { AdminPermission } from '../admin.options.js';
import type { DtoClass } from '../schema/kinds.js';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** The description of a route, from which it is executed, guarded and documented. */
export interface RouteSpec {
  /** What the route does, in one sentence. */
  summary: string;
  /** Permission that the session needs. Left out: any session may use the route. */
  permission?: AdminPermission;
  /** Only for sessions that may see every tenant. */
  operators?: true;
  /**
   * Whether the route is about one tenant, which the query may name. `optional`: about none if the query names none and
   * the session has several. Default true.
   */
  tenant?: boolean | 'optional';
  /** Whether people may follow links of other sites to it, because it is a document and changes nothing. */
  linked?: true;
  /** Path parameters with their descriptions. */
  params?: Readonly<Record<string, string>>;
  query?: DtoClass;
  body?: DtoClass;
  /** Whether the header `If-Match` is required or possible. Left out: it is ignored. */
  ifMatch?: 'needed' | 'possible';
  /** Default 200, or 204 without content. */
  status?: 200 | 201 | 202 | 204;
  /** The class of the response, or what its text, JSON or event stream is. Left out: no content. */
  answer?: DtoClass | { text: string } | { json: string } | { stream: string };
  /** Response headers with their descriptions. */
  headers?: Readonly<Record<string, string>>;
  /** Statuses of problems in addition to those of every route. */
  problems?: readonly number[];
}

/** A route of a controller. */
export interface RouteDescription extends RouteSpec {
  method: Method;
  /** Path below the API, `scripts/:id`. */
  path: string;
}
