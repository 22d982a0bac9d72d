import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands in for a chat service like Slack. Its answer repeats the request, as that of a debugging proxy would. */
export interface ChatServer {
  /** `127.0.0.1:1234` */
  host: string;
  /** The header `authorization` of each request. */
  seen: string[];
  stop(): void;
}

export async function startChatServer(): Promise<ChatServer> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const { authorization = '' } = request.headers;
    seen.push(authorization);
    request.resume();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ok: true, sentWith: authorization }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { host: `127.0.0.1:${port}`, seen, stop: () => server.close().closeAllConnections() };
}
