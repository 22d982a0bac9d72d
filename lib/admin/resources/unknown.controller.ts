import { All, Injectable, Req, Res } from '@nestjs/common';
import { Problem } from '../http/problem.js';
import { declareRoute } from '../http/route.js';
import { hideFromSwagger } from '../http/swagger-route.js';

/** More parts than any route has. */
const MOST_PARTS = 8;

/**
 * One path for each number of parts. Express and Fastify write wildcards differently, and neither understands the
 * other's form. So an address with an empty part, such as `api//x`, gets the host's own 404: no named part is empty.
 */
const PLACES = Array.from({ length: MOST_PARTS + 1 }, (_, parts) =>
  Array.from({ length: parts }, (_part, at) => `:part${at}`).join('/'),
);

/**
 * Answers addresses for which the API has no route. It comes after all other routes and, like them, behind the host's
 * guards, so that nobody without access learns which routes exist.
 */
@Injectable()
export class UnknownController {
  /** @throws Problem 404, always */
  refuse(): never {
    throw new Problem(
      404,
      'unknown-route',
      "The API has no such route, or the route doesn't accept this method.",
    );
  }
}

const { prototype } = UnknownController;
// The answer is written by hand, so that no interceptor of the host waits for one.
Req()(prototype, 'refuse', 0);
Res()(prototype, 'refuse', 1);
All(PLACES)(prototype, 'refuse', Object.getOwnPropertyDescriptor(prototype, 'refuse') as PropertyDescriptor);
declareRoute(prototype.refuse, { method: 'GET', path: '', summary: 'No route.', tenant: false });
hideFromSwagger(prototype.refuse);
