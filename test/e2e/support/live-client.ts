import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { waitFor } from '../../support/wait-for.js';
import type { AdminHost } from './admin-host.js';

interface Hint {
  changed: string[];
  eventTypes: string[];
}

/** A client of the live stream, like that of the page. */
export class LiveClient {
  text = '';
  ended = false;

  private constructor(readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (text: string) => (this.text += text));
    response.on('end', () => (this.ended = true));
    response.on('error', () => undefined);
  }

  static async open(admin: AdminHost, user = 'ada', query = ''): Promise<LiveClient> {
    const asked = get(`${await admin.address()}/live${query}`, { headers: { 'x-user': user } });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return new LiveClient(response);
  }

  get hints(): Hint[] {
    return [...this.text.matchAll(/^event: changed\ndata: (.+)$/gm)].map(
      ([, data]) => JSON.parse(String(data)) as Hint,
    );
  }

  /** Waits for a hint that contains `what`. Returns all hints so far as one. */
  async heard(what: string): Promise<Hint> {
    await waitFor(`a hint of ${what}`, () => JSON.stringify(this.hints).includes(`"${what}"`));
    return {
      changed: this.hints.flatMap(({ changed }) => changed),
      eventTypes: this.hints.flatMap(({ eventTypes }) => eventTypes),
    };
  }

  close(): void {
    this.response.destroy();
  }
}
