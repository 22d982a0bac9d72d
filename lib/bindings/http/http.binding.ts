import type { ScriptSpan } from '../../tracing/script-span.js';
import type { BindingContext } from '../binding-context.js';
import { CallSecrets } from '../binding-secrets.js';
import type { BindingRegistry } from '../binding.registry.js';
import { HttpClient, type HttpSettings } from './http.client.js';
import { HttpRequest, HttpResponse } from './http-request.js';

/** The description of `http.fetch` for script authors. */
export const HTTP_FETCH = {
  name: 'http.fetch',
  description: "Calls another server over HTTPS. Doesn't throw for a status of 400 or above",
  input: HttpRequest,
  result: HttpResponse,
  secrets: 'by-host' as const,
};

/** The built-in binding `http.fetch`. */
export class HttpBinding {
  private client: HttpClient | undefined;

  constructor(
    private readonly settings: HttpSettings & { readonly timeoutMs: number },
    private readonly registry: BindingRegistry,
  ) {}

  /** Declares the binding if a host is allowed; otherwise does nothing. @throws HttpClientMissingError */
  async open(): Promise<void> {
    if (this.settings.allowedHosts.length === 0) return;
    const client = await HttpClient.open(this.settings);
    this.client = client;
    this.registry.declare({
      ...HTTP_FETCH,
      timeoutMs: this.settings.timeoutMs,
      method: 'the option http.allowedHosts',
      invoke: (request: HttpRequest, { secrets, ...caller }: BindingContext, span: ScriptSpan) =>
        client.fetch(
          request,
          secrets instanceof CallSecrets ? { ...caller, span, secrets: secrets.inUse } : { ...caller, span },
        ),
    });
  }

  /** Closes its connections. */
  async close(): Promise<void> {
    await this.client?.close();
  }
}
