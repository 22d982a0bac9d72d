import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { ADMIN_SETTINGS, type ResolvedAdminSettings } from '../admin.options.js';
import { Problem } from '../http/problem.js';
import type { HttpRequest } from '../http/request.js';
import { requireRights, routeOf } from '../http/route.js';
import { admit } from './admitted.js';
import { readSession } from './session.js';

/**
 * Header of requests that change something: a form of another site can't send it, and a script of another site has to
 * ask first.
 */
const REQUEST_HEADER = 'x-scripts-event';

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD']);
const OWN_SITE: ReadonlySet<string> = new Set(['same-origin', 'none']);

/**
 * Admits users whom the host knows and who have the permission that the route needs. Runs after the host's own guards.
 * A browser on another site is refused first, whatever cookies it sends.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(@Inject(ADMIN_SETTINGS) private readonly settings: ResolvedAdminSettings) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const route = routeOf(context.getHandler());
    if (!(route.linked && isVisit(request))) refuseOtherSites(request);
    const session = readSession(await this.settings.access(request));
    if (!session) throw new Problem(401, 'unauthenticated', 'Sign in first.');
    requireRights(route, session);
    admit(request, session);
    return true;
  }
}

/** Whether a person follows a link. No script of the other site can read the response. */
const isVisit = ({ headers }: HttpRequest): boolean => headers['sec-fetch-mode'] === 'navigate';

function refuseOtherSites({ method, headers }: HttpRequest): void {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && !OWN_SITE.has(String(site)))
    throw new Problem(403, 'cross-site', 'Requests from other sites are refused.');
  if (SAFE.has(method)) return;
  if (headers[REQUEST_HEADER] !== '1')
    throw new Problem(
      403,
      'header-missing',
      `Requests that change something need the header ${REQUEST_HEADER}: 1.`,
    );
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (hasBody && !JSON_BODY.test(String(headers['content-type'] ?? '')))
    throw new Problem(415, 'json-needed', 'Send the body as application/json.');
}

const JSON_BODY = /^application\/json\s*(;|$)/i;
