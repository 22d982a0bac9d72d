import { All, Injectable, Req, Res } from '@nestjs/common';
import { Problem } from '../http/problem.js';
import { declareRoute } from '../http/route.js';
import { hideFromSwagger } from '../http/swagger-route.js';

/** More parts than any route has. */
const MOST_PARTS = 8;

/**
 * Every address of so many parts. A wildcard is written in one way for Express and in another for Fastify, and neither
 * understands the other's.
 */
const PLACES = Array.from({ length: MOST_PARTS + 1 }, (_, parts) =>
  Array.from({ length: parts }, (_part, at) => `:part${at}`).join('/'),
);

/**
 * Whatever the API has no route for. It stands behind all others, and behind the host's guards as they do: who may not come in
 * does not learn what there is.
 */
@Injectable()
export class UnknownController {
  /** Answered by the filter, as every problem. */
  refuse(): never {
    throw new Problem(404, 'unknown-route', 'The API has no such route, or not for this method.');
  }
}

const { prototype } = UnknownController;
// The answer is written by hand, so that no interceptor of the host waits for one.
Req()(prototype, 'refuse', 0);
Res()(prototype, 'refuse', 1);
All(PLACES)(prototype, 'refuse', Object.getOwnPropertyDescriptor(prototype, 'refuse') as PropertyDescriptor);
declareRoute(prototype.refuse, { method: 'GET', path: '', summary: 'No route.', tenant: false });
hideFromSwagger(prototype.refuse);
