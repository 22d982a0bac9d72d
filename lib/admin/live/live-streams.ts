import type { ServerResponse } from 'node:http';
import type { OnModuleDestroy } from '@nestjs/common';
import { inOwnContext } from '../../common/own-context.js';
import type { TenantNews } from '../../nodes/tenant-news.js';
import { Problem } from '../http/problem.js';
import { LiveStream } from './live-stream.js';

/** Maximum number of streams of one user for one tenant: some browser tabs. */
const MOST_OF_ACTOR = 8;
/** Maximum number of streams in this process, of one tenant and in total. */
const MOST_OF_TENANT = 100;
const MOST = 1_000;
/** Milliseconds after which a stream ends, so that it doesn't outlive a revoked session for long. */
const LIFE_MS = 5 * 60_000;
/** Milliseconds between two beats, shorter than proxies wait. */
const BEAT_MS = 15_000;

/** Seconds after which a place may be free. */
const RETRY_AFTER = '30';

/** The right to begin one stream. */
interface Place {
  begin(response: ServerResponse, headOnly: boolean): void;
}

/**
 * The streams of this process. Each gets the news of its tenant only, and ends after 5 minutes or when the application
 * stops.
 */
export class LiveStreams implements OnModuleDestroy {
  private readonly streams = new Map<LiveStream, { actor: string; tenantId: string }>();
  private beating: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly news: TenantNews) {}

  /**
   * A place for one more stream.
   *
   * @throws Problem 429 if the user, the tenant or the process has the maximum number, 503 while the application is
   * stopping
   */
  place(actorId: string, tenantId: string): Place {
    if (this.closed)
      throw new Problem(503, 'stopping', 'The application is stopping.', {
        headers: { 'Retry-After': RETRY_AFTER },
      });
    const ofTenant = [...this.streams.values()].filter((stream) => stream.tenantId === tenantId);
    const ofActor = ofTenant.filter(({ actor }) => actor === actorId);
    if (ofActor.length >= MOST_OF_ACTOR || ofTenant.length >= MOST_OF_TENANT || this.streams.size >= MOST)
      throw new Problem(429, 'too-many-streams', 'Too many live streams are open; ask the lists instead.', {
        headers: { 'Retry-After': RETRY_AFTER },
      });
    return {
      begin: (response, headOnly) => inOwnContext(() => this.begin(response, headOnly, actorId, tenantId)),
    };
  }

  /** Nest calls it before the server waits for its connections to end. */
  onModuleDestroy(): void {
    this.closed = true;
    for (const stream of this.streams.keys()) stream.end();
    this.stopBeating();
  }

  private begin(response: ServerResponse, headOnly: boolean, actor: string, tenantId: string): void {
    // The client has disconnected in the meantime, and no `close` event will follow.
    if (response.destroyed) return;
    const stream = new LiveStream(response);
    stream.begin();
    if (headOnly) return stream.end();
    this.streams.set(stream, { actor, tenantId });
    const stopWatching = this.news.watch(tenantId, (news) => stream.hint(news));
    const life = setTimeout(() => stream.end(), LIFE_MS);
    this.beating ??= setInterval(() => {
      for (const open of this.streams.keys()) open.beat();
    }, BEAT_MS);
    response.once('close', () => {
      clearTimeout(life);
      stopWatching();
      stream.end();
      this.streams.delete(stream);
      if (this.streams.size === 0) this.stopBeating();
    });
  }

  private stopBeating(): void {
    clearInterval(this.beating);
    this.beating = undefined;
  }
}
