import { ACTOR_HEADER, TENANT_HEADER } from '../tenancy/tenant.guard.js';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** The status and the body of a response. */
export interface Answer<T> {
  status: number;
  body: T;
}

/** The app's HTTP API as one tenant uses it. */
export class TenantApi {
  constructor(
    private readonly baseUrl: string,
    readonly tenantId: string,
    private readonly actorId: string,
  ) {}

  /** Sends a request and returns the response, whatever its status. */
  async send<T>(method: Method, path: string, body?: unknown): Promise<Answer<T>> {
    const response = await fetch(this.baseUrl + path, {
      method,
      headers: {
        [TENANT_HEADER]: this.tenantId,
        [ACTOR_HEADER]: this.actorId,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : undefined) as T };
  }

  /** Sends a request. Throws if it doesn't succeed. */
  async call<T>(method: Method, path: string, body?: unknown): Promise<T> {
    const answer = await this.send<T>(method, path, body);
    if (answer.status < 300) return answer.body;
    throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
}
