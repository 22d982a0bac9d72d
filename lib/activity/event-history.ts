import type { DeadLetterSummary } from '../dead-letter/dead-letter.types.js';
import { publishedEventId } from '../events/published-event-id.js';
import type { ExecutionSummary } from '../execution/execution.repository.js';
import type { ActivityRepository } from './activity.repository.js';
import type { EventHistory, EventNode } from './activity.types.js';

/** Most executions and dead letters of one history. */
const MOST_RECORDS = 500;
/** Most levels: as many as the loop guard allows. */
const MOST_LEVELS = 10;
/** Most published events that are looked up at one level. */
const MOST_CHILDREN = 2_000;

/**
 * Reads what is stored of an event and of the events that followed from it, level by level. Resolves with null if there
 * is nothing.
 */
export async function eventHistory(
  repository: ActivityRepository,
  tenantId: string,
  eventId: string,
): Promise<EventHistory | null> {
  const nodes = new Map<string, EventNode>();
  let level = new Map<string, EventNode | null>([[eventId, null]]);
  let left = MOST_RECORDS;
  let more = false;
  for (let depth = 0; level.size > 0 && left > 0; depth += 1) {
    if (depth === MOST_LEVELS) {
      more = true;
      break;
    }
    const found = await recordsOf(repository, tenantId, [...level.keys()], left + 1);
    more ||= found.executions.length + found.deadLetters.length > left;
    left -= found.executions.length + found.deadLetters.length;
    const next = new Map<string, EventNode | null>();
    for (const node of found.nodes) {
      // In a loop, an event is shown only once.
      if (nodes.has(node.eventId)) continue;
      nodes.set(node.eventId, node);
      level.get(node.eventId)?.children.push(node);
      for (const child of childrenOf(tenantId, node)) next.set(child, node);
    }
    more ||= next.size > MOST_CHILDREN;
    level = new Map([...next].slice(0, MOST_CHILDREN));
  }
  const event = nodes.get(eventId);
  return event ? { event, more } : null;
}

async function recordsOf(
  repository: ActivityRepository,
  tenantId: string,
  eventIds: readonly string[],
  most: number,
): Promise<{ executions: ExecutionSummary[]; deadLetters: DeadLetterSummary[]; nodes: EventNode[] }> {
  const [executions, deadLetters] = await Promise.all([
    repository.executionsOf(tenantId, eventIds, most),
    repository.deadLettersOf(tenantId, eventIds, most),
  ]);
  const nodes = new Map<string, EventNode>();
  const nodeOf = ({ eventId, eventType }: { eventId: string; eventType: string }): EventNode => {
    const known = nodes.get(eventId);
    if (known) return known;
    const made = { eventId, eventType, executions: [], deadLetters: [], children: [] };
    nodes.set(eventId, made);
    return made;
  };
  for (const execution of executions) nodeOf(execution).executions.push(execution);
  for (const letter of deadLetters) nodeOf(letter).deadLetters.push(letter);
  return { executions, deadLetters, nodes: [...nodes.values()] };
}

/** The ids of the events that the executions of a node published. */
const childrenOf = (tenantId: string, { eventId, executions }: EventNode): string[] =>
  executions.flatMap(({ scriptId, publishedEvents, occurredAt }) =>
    occurredAt === null
      ? []
      : Array.from({ length: publishedEvents }, (_, index) =>
          publishedEventId({ id: eventId, tenantId, occurredAt: occurredAt.toISOString() }, scriptId, index),
        ),
  );
