import type {
  DeadLetterSummary,
  ExecutionRecord,
  ExecutionSummary,
  Page,
  ScriptEntity,
  ScriptEvent,
} from 'nestjs-scripts-event';
import { explainFilter, parseFilter } from 'nestjs-scripts-event/filters';
import type { EmittedEvent, EventObserver } from './event-observer.js';
import type { TenantApi } from './tenant-api.js';
import { waitUntil } from './wait.js';

/** Dates travel as text over HTTP. */
export type OverHttp<T> = { [Name in keyof T]: T[Name] extends Date | null ? string : T[Name] };
export type Execution = OverHttp<ExecutionRecord>;
export type DeadLetter = OverHttp<DeadLetterSummary>;

/** What one event led to. */
export interface EventStory {
  type: string;
  payload: Record<string, unknown>;
  /** One for each active script that listens to the type. */
  scripts: ScriptStory[];
}

/** What one script did with one event. */
export interface ScriptStory {
  name: string;
  /** The filter as its author wrote it, if the script has one. */
  filter?: string;
  matched: boolean;
  /** Why the filter matched or did not, as a sentence. */
  verdict?: string;
  /** Missing if the filter or the loop guard kept the script from running. */
  execution?: Execution;
  deadLetter?: DeadLetter;
  published: EventStory[];
}

/** Follows events of one tenant through its scripts, over the HTTP API. */
export class StoryTeller {
  private readonly seen = new Set<string>();

  constructor(
    private readonly api: TenantApi,
    private readonly observer: EventObserver,
    private readonly scripts: readonly ScriptEntity[],
  ) {}

  /** Waits for the results of an event, and of all events that it leads to. */
  async tell(event: EmittedEvent | ScriptEvent): Promise<EventStory> {
    const listening = this.scripts.filter(({ eventTypes }) => eventTypes.includes(event.type));
    const scripts = await Promise.all(listening.map((script) => this.tellOf(script, event)));
    return { type: event.type, payload: event.payload, scripts };
  }

  private async tellOf(script: ScriptEntity, event: EmittedEvent | ScriptEvent): Promise<ScriptStory> {
    const { matched, conditions } = explainFilter(parseFilter(script.filters ?? {}), event.payload);
    const verdict = conditions.find((condition) => condition.matched === matched)?.reason;
    const filter = script.filters === null ? undefined : JSON.stringify(script.filters);
    const story = { name: script.name, matched, ...(filter && { filter, verdict }) };
    if (!matched) return { ...story, published: [] };
    const { execution, deadLetter } = await this.outcomeOf(script, event);
    const published = execution ? this.observer.publishedBy(execution.id) : [];
    return {
      ...story,
      ...(execution && { execution }),
      ...(deadLetter && { deadLetter }),
      published: await Promise.all(published.map((follower) => this.tell(follower))),
    };
  }

  private async outcomeOf(
    script: ScriptEntity,
    event: EmittedEvent | ScriptEvent,
  ): Promise<{ execution?: Execution; deadLetter?: DeadLetter }> {
    const ids = 'id' in event ? `&eventId=${event.id}` : '';
    const query = `?scriptId=${script.id}&eventType=${event.type}${ids}`;
    return waitUntil(`"${script.name}" has an outcome for ${event.type}`, async () => {
      const execution = await this.newest<ExecutionSummary>(`/executions${query}&trigger=event`);
      if (execution?.status === 'completed') return { execution: await this.read(execution.id) };
      const deadLetter = await this.newest<DeadLetter>(`/dead-letters${query}`);
      if (!deadLetter || (deadLetter.reason === 'failed' && !execution)) return undefined;
      this.seen.add(deadLetter.id);
      return execution ? { execution: await this.read(execution.id), deadLetter } : { deadLetter };
    });
  }

  private async read(executionId: string): Promise<Execution> {
    this.seen.add(executionId);
    return this.api.call('GET', `/executions/${executionId}`);
  }

  /** The newest item of a list, if it belongs to the event. */
  private async newest<T extends { id: string }>(path: string): Promise<T | undefined> {
    const { items } = await this.api.call<Page<T>>('GET', `${path}&limit=1`);
    return items.find(({ id }) => !this.seen.has(id));
  }
}

/** All items of a list, page by page. */
export async function readAll<T>(api: TenantApi, path: string): Promise<T[]> {
  const all: T[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Page<T> = await api.call('GET', `${path}?limit=200${cursor && `&cursor=${cursor}`}`);
    all.push(...page.items);
    cursor = page.nextCursor;
  }
  return all;
}
