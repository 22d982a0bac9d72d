import { MAX_ID } from '../common/id.js';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { isEventTypeName } from '../common/event-type-name.js';
import type { JsonObject } from '../common/json.js';
import { isRecord } from '../common/json.js';
import { inOwnContext } from '../common/own-context.js';
import { changedScript } from './changed-script.js';
import { NodeChannel } from './node-channel.js';
import { NodeMessages } from './node-messages.js';
import { packed } from './packed.js';

/** What may have changed for a tenant. */
export const NEWS_SUBJECTS = ['scripts', 'executions', 'deadLetters'] as const;
export type NewsSubject = (typeof NEWS_SUBJECTS)[number];

/** Says that something of a tenant has changed, but not what. Listeners look for themselves. */
export interface News {
  readonly changed: readonly NewsSubject[];
  /** Types of the tenant's events that arrived, whether or not a script listens to them. */
  readonly eventTypes: readonly string[];
}

/** How many milliseconds news is collected before it is first sent. */
const GATHER_MS = 50;
/** Milliseconds between two deliveries by this process, to its own listeners and to the other processes. */
const SPREAD_MS = 1_000;
/** Milliseconds between two announcements of which tenants are watched here. */
const ANNOUNCE_MS = 20_000;
/** How many milliseconds an announcement is valid: two in a row may get lost. */
const HOLDS_MS = 70_000;
/** How many tenants watched by other processes are remembered. */
const MOST_TENANTS = 10_000;
/** Maximum number of event types of one tenant in one delivery. */
const MOST_TYPES = 20;

const NEWS = 'news';
const WATCHED = 'watched';

/**
 * News about tenants for whoever watches one, in this process or another. While nobody watches a tenant, reporting news
 * costs a look-up in memory; otherwise at most one statement a second, however much happens and however many tenants
 * are watched. News is lost while the database is unavailable: it only says where to look sooner.
 */
@Injectable()
export class TenantNews implements OnModuleDestroy {
  private readonly here = new Map<string, Set<(news: News) => void>>();
  /** Tenants that other processes watch, each until a time by the clock of this process. */
  private readonly elsewhere = new Map<string, number>();
  private readonly gathered = new Map<string, { changed: Set<NewsSubject>; eventTypes: Set<string> }>();
  private telling: NodeJS.Timeout | undefined;
  private announcing: NodeJS.Timeout | undefined;
  private toldAt = 0;

  constructor(
    private readonly messages: NodeMessages,
    channel: NodeChannel,
    private readonly clock: Clock,
  ) {
    messages.on(NEWS, ({ news }) => this.heardNews(news));
    messages.on(WATCHED, ({ tenants }) => this.heardWatched(tenants));
    // The database itself notifies every process of a changed script.
    channel.hear((text) => {
      const tenantId = changedScript(text)?.tenantId;
      if (tenantId !== undefined) this.deliver(tenantId, { changed: ['scripts'], eventTypes: [] });
    });
  }

  /** Reports that data of the tenant has changed; call it once the change can be read. Never throws. */
  tell(tenantId: string, subject: NewsSubject): void {
    this.gather(tenantId)?.changed.add(subject);
  }

  /** Reports that an event of the tenant arrived. Never throws. */
  seen(tenantId: string, eventType: string): void {
    const news = this.gather(tenantId);
    if (news && news.eventTypes.size < MOST_TYPES) news.eventTypes.add(eventType);
  }

  /**
   * Calls `listener` with news about the tenant; with news from another process as soon as it arrives. The returned
   * function ends the calls.
   */
  watch(tenantId: string, listener: (news: News) => void): () => void {
    const listeners = this.here.get(tenantId) ?? new Set();
    this.here.set(tenantId, listeners.add(listener));
    if (listeners.size === 1) this.announce([tenantId]);
    this.announcing ??= inOwnContext(() =>
      setInterval(() => this.announce([...this.here.keys()]), ANNOUNCE_MS).unref(),
    );
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.here.get(tenantId) === listeners) this.here.delete(tenantId);
      if (this.here.size === 0) this.stopAnnouncing();
    };
  }

  onModuleDestroy(): void {
    clearTimeout(this.telling);
    this.stopAnnouncing();
    this.here.clear();
    this.elsewhere.clear();
    this.gathered.clear();
  }

  private stopAnnouncing(): void {
    clearInterval(this.announcing);
    this.announcing = undefined;
  }

  /** Undefined while nobody watches the tenant. */
  private gather(tenantId: string): { changed: Set<NewsSubject>; eventTypes: Set<string> } | undefined {
    if (!this.here.has(tenantId) && !this.elsewhere.has(tenantId)) return undefined;
    let news = this.gathered.get(tenantId);
    if (news === undefined)
      this.gathered.set(tenantId, (news = { changed: new Set(), eventTypes: new Set() }));
    this.telling ??= this.soon();
    return news;
  }

  private soon(): NodeJS.Timeout {
    const wait = Math.max(GATHER_MS, this.toldAt + SPREAD_MS - this.clock.now());
    return inOwnContext(() => setTimeout(() => this.tellAll(), Math.min(wait, SPREAD_MS)).unref());
  }

  private tellAll(): void {
    const now = this.clock.now();
    this.telling = undefined;
    this.toldAt = now;
    const news: JsonObject[] = [];
    for (const [tenantId, { changed, eventTypes }] of this.gathered) {
      const told = { changed: [...changed], eventTypes: [...eventTypes] };
      this.deliver(tenantId, told);
      const until = this.elsewhere.get(tenantId);
      if (until !== undefined && until > now) news.push({ tenantId, ...told });
      else this.elsewhere.delete(tenantId);
    }
    this.gathered.clear();
    this.send(NEWS, 'news', news);
  }

  private announce(tenants: readonly string[]): void {
    // Without a connection, this process wouldn't receive the news that it asks for.
    if (this.messages.listening) this.send(WATCHED, 'tenants', tenants);
  }

  private send(kind: string, name: string, items: readonly (JsonObject | string)[]): void {
    const bodies = packed(items).map((some) => ({ [name]: [...some] }));
    // Lost news only costs a delay: all listeners also poll every few seconds.
    inOwnContext(() => void this.messages.send(kind, ...bodies).catch(() => undefined));
  }

  private heardNews(news: unknown): void {
    if (!Array.isArray(news)) return;
    for (const item of news as unknown[]) {
      if (!isRecord(item) || !isTenant(item.tenantId)) continue;
      const { tenantId, changed, eventTypes } = item;
      this.deliver(tenantId, {
        changed: NEWS_SUBJECTS.filter((subject) => Array.isArray(changed) && changed.includes(subject)),
        eventTypes: Array.isArray(eventTypes) ? eventTypes.filter(isEventTypeName).slice(0, MOST_TYPES) : [],
      });
    }
  }

  private heardWatched(tenants: unknown): void {
    if (!Array.isArray(tenants)) return;
    const now = this.clock.now();
    for (const tenantId of (tenants as unknown[]).filter(isTenant)) {
      if (this.elsewhere.size >= MOST_TENANTS && !this.elsewhere.has(tenantId)) this.forgetOver(now);
      if (this.elsewhere.size < MOST_TENANTS || this.elsewhere.has(tenantId))
        this.elsewhere.set(tenantId, now + HOLDS_MS);
    }
  }

  private forgetOver(now: number): void {
    for (const [tenantId, until] of this.elsewhere) if (until <= now) this.elsewhere.delete(tenantId);
  }

  private deliver(tenantId: string, news: News): void {
    for (const listener of this.here.get(tenantId) ?? []) listener(news);
  }
}

const isTenant = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_ID;
