import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** What a server says to a connection that an administrator ends: `E`, its length, severity, SQLSTATE and message. */
const TERMINATED = ((): Buffer => {
  const fields = ['SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection due to administrator command'];
  const body = Buffer.from(`${fields.join('\0')}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
})();

/** `ReadyForQuery` of an idle connection. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/**
 * Stands between an application and its server. While {@link cutting} it ends every new connection in the same packet in
 * which the server says that it is ready, as a server does that restarts at that moment.
 */
export class CuttingProxy {
  cutting = false;
  /** How many connections it has ended like this. */
  cuts = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor(private readonly target: URL) {
    this.server = createServer({ noDelay: true }, (client) => this.join(client));
  }

  static async open(url: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(new URL(url));
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get url(): string {
    const { port } = this.server.address() as { port: number };
    return Object.assign(new URL(this.target), { hostname: '127.0.0.1', port: String(port) }).href;
  }

  /** Ends all connections without a message. */
  cutAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cutAll();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    const server = connect({ host: this.target.hostname, port: Number(this.target.port), noDelay: true });
    let ready = false;
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (data) => server.write(data));
    server.on('data', (data) => {
      const first = !ready && data.subarray(-READY.length).equals(READY);
      ready ||= first;
      if (!first || !this.cutting) return void client.write(data);
      this.cuts += 1;
      client.end(Buffer.concat([data, TERMINATED]));
      server.destroy();
    });
  }
}
