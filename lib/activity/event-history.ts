import type { DeadLetterSummary } from '../dead-letter/dead-letter.types.js';
import { publishedEventId } from '../events/published-event-id.js';
import type { ExecutionSummary } from '../execution/execution.repository.js';
import type { ActivityRepository } from './activity.repository.js';
import type { EventHistory, EventNode, CauseRecord } from './activity.types.js';

type Publisher = Pick<CauseRecord, 'eventId' | 'executionId'>;

/** Most executions and dead letters of one history. */
const MOST_RECORDS = 500;
/** Most levels: as many as the loop guard allows. */
const MOST_LEVELS = 10;
/** Most published events that are looked up at one level. */
const MOST_CHILDREN = 2_000;

/**
 * Reads what is stored of an event, of the executions that led to it, and of the events that followed from it, level by
 * level. Resolves with null if nothing is stored of the event.
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
      // In a loop of events, each event is shown only once.
      if (nodes.has(node.eventId)) continue;
      nodes.set(node.eventId, node);
      level.get(node.eventId)?.children.push(node);
      for (const child of childrenOf(tenantId, node)) next.set(child, node);
    }
    more ||= next.size > MOST_CHILDREN;
    level = new Map([...next].slice(0, MOST_CHILDREN));
  }
  const event = nodes.get(eventId);
  if (!event) return null;
  const causes = await causesOf(repository, tenantId, event);
  more ||= causes.length > MOST_LEVELS;
  return { event, causes: causes.slice(-MOST_LEVELS), more };
}

/** The executions that led to an event, oldest first: up to one more than is shown. */
async function causesOf(
  repository: ActivityRepository,
  tenantId: string,
  event: EventNode,
): Promise<CauseRecord[]> {
  const causes: CauseRecord[] = [];
  let link = await publisherOf(repository, tenantId, event);
  while (link && causes.length <= MOST_LEVELS) {
    const { eventId, executionId } = link;
    const execution = await repository.execution(tenantId, executionId);
    causes.unshift({ eventId, executionId, execution });
    link = execution && linkOf(execution);
  }
  return causes;
}

/**
 * The execution that published an event. The record of a test run doesn't name it, and an event that never ran has only
 * a dead letter.
 */
async function publisherOf(
  repository: ActivityRepository,
  tenantId: string,
  { executions, deadLetters: [letter] }: EventNode,
): Promise<Publisher | null> {
  const ran = executions.find(({ trigger }) => trigger !== 'test');
  if (ran) return linkOf(ran);
  return (letter && (await repository.chainOf(tenantId, letter.id)).at(-1)) ?? null;
}

const linkOf = ({ causeEventId, causeExecutionId }: ExecutionSummary): Publisher | null =>
  causeEventId === null || causeExecutionId === null
    ? null
    : { eventId: causeEventId, executionId: causeExecutionId };

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
