import type { ServerResponse } from 'node:http';
import type { News, NewsSubject } from '../../nodes/tenant-news.js';

/** Milliseconds between two messages of a stream. */
const SPREAD_MS = 1_000;
/** Maximum number of event types in one message. */
const MOST_TYPES = 50;

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // `no-transform` prevents compression from holding events back.
  'Cache-Control': 'no-store, no-transform',
  'X-Content-Type-Options': 'nosniff',
  // Nginx and servers that copy it would buffer the events.
  'X-Accel-Buffering': 'no',
};

/** Server-sent events for one client: at most one message a second, with all the news since the last one. */
export class LiveStream {
  private readonly changed = new Set<NewsSubject>();
  private readonly eventTypes = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private sentAt = Number.NEGATIVE_INFINITY;
  private stuck = false;
  /**
   * Nothing may be written after the end, even if the client has not received it yet: that would be an unhandled error.
   */
  private ended = false;

  constructor(private readonly response: ServerResponse) {}

  begin(): void {
    this.response.writeHead(200, HEADERS);
    // Milliseconds after which a client reconnects when its stream has ended.
    this.response.write('retry: 5000\n\n');
  }

  hint({ changed, eventTypes }: News): void {
    if (this.ended) return;
    for (const subject of changed) this.changed.add(subject);
    for (const type of eventTypes) if (this.eventTypes.size < MOST_TYPES) this.eventTypes.add(type);
    this.sendSoon();
  }

  /**
   * Shows proxies that the stream is alive. Gives up a client that has read nothing since the last beat, or has not
   * read the end.
   */
  beat(): void {
    if (this.ended) return void this.response.destroy();
    if (this.response.writableNeedDrain && this.stuck) this.response.destroy();
    else if (!this.response.writableNeedDrain) this.response.write(':\n\n');
    this.stuck = this.response.writableNeedDrain;
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
    this.response.end();
  }

  private sendSoon(): void {
    const wait = this.sentAt + SPREAD_MS - performance.now();
    this.timer ??= setTimeout(() => this.send(), Math.max(0, wait));
  }

  private send(): void {
    // A slow client still has messages to read; the news waits until it has read them.
    if (this.response.writableNeedDrain) return this.sendAfterDrain();
    this.timer = undefined;
    this.sentAt = performance.now();
    const data = { changed: [...this.changed], eventTypes: [...this.eventTypes] };
    this.changed.clear();
    this.eventTypes.clear();
    this.response.write(`event: changed\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Keeps the elapsed timer until then, so that further news plans nothing. */
  private sendAfterDrain(): void {
    this.response.once('drain', () => {
      this.timer = undefined;
      if (!this.ended) this.sendSoon();
    });
  }
}
