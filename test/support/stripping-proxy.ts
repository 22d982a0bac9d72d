import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/**
 * A web server in front of an application that serves it under a path, such as `/ops`, and removes that path before it
 * passes a request on. The application does not know of the path.
 */
export class StrippingProxy {
  /** Requests outside of the path: their address was made without it. */
  readonly strays: string[] = [];
  private readonly server: Server;

  private constructor(
    private readonly target: URL,
    private readonly path: string,
  ) {
    this.server = createServer((asked, answer) => this.pass(asked, answer));
  }

  /** @param target the application; @param path without a slash at its end */
  static async before(target: string, path: string): Promise<StrippingProxy> {
    const proxy = new StrippingProxy(new URL(target), path);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  /** Where a browser finds an address of the application. */
  addressOf(address: string): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${this.path}${new URL(address).pathname}`;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private pass(asked: IncomingMessage, answer: ServerResponse): void {
    const { method, headers, url = '' } = asked;
    if (!url.startsWith(`${this.path}/`)) {
      this.strays.push(`${method} ${url}`);
      answer.writeHead(404).end();
      return;
    }
    const path = url.slice(this.path.length);
    const { hostname, port } = this.target;
    const passed = request({ hostname, port, method, headers, path }, (given) => {
      answer.writeHead(given.statusCode ?? 502, given.headers);
      given.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    answer.on('close', () => passed.destroy());
    asked.pipe(passed);
  }
}
