import type { AdminPermission } from '../admin.options.js';
import type { DtoClass } from '../schema/kinds.js';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** What a route says of itself: enough to carry it out, to guard it, and to describe it. */
export interface RouteSpec {
  /** In one sentence. */
  summary: string;
  /** What the session has to have; left out, any session will do. */
  permission?: AdminPermission;
  /** For sessions that may see every tenant alone. */
  operators?: true;
  /** Whether it is about one tenant, which the query may name. Default true. */
  tenant?: boolean;
  /** May be opened by a link of another site, since it shows nothing of a tenant. */
  linked?: true;
  /** Path parameters with what they are. */
  params?: Readonly<Record<string, string>>;
  query?: DtoClass;
  body?: DtoClass;
  /** Whether the header `If-Match` has to be there, or may be; left out, it says nothing here. */
  ifMatch?: 'needed' | 'possible';
  /** Default 200, or 204 when nothing is answered. */
  status?: 200 | 201 | 202 | 204;
  /** The class of what is answered, or what text, JSON or stream of events it is; left out for none. */
  answer?: DtoClass | { text: string } | { json: string } | { stream: string };
  /** Headers of the answer with what they say. */
  headers?: Readonly<Record<string, string>>;
  /** Statuses of problems beyond those that every route has. */
  problems?: readonly number[];
}

/** A route that a controller has. */
export interface RouteDescription extends RouteSpec {
  method: Method;
  /** Below the API, `scripts/:id`. */
  path: string;
}
