import type { EventNode } from '../api/schema';
import { nameOf } from '../api/names';
import { useHref } from '../session';
import { Badge, Outcome, Tag } from '../ui/badge';

/** An event, its executions, and the events they published. */
export function EventTree({ node, current }: { node: EventNode; current?: string }) {
  const href = useHref();
  return (
    <div class="tree">
      <a href={href(`events/${encodeURIComponent(node.eventId)}`)}>
        <Tag>{node.eventType}</Tag>
      </a>
      <ul>
        {node.executions.map(({ id, scriptName, status, errorKind, attempt }) => (
          <li key={id}>
            <a href={href(`executions/${id}`)} aria-current={id === current ? 'page' : undefined}>
              {nameOf({ scriptName })}
              {attempt > 1 && `, attempt ${attempt}`}
            </a>
            <Outcome status={status} kind={errorKind} />
          </li>
        ))}
        {node.deadLetters.map(({ id, scriptName, status }) => (
          <li key={id}>
            <a href={href(`dead-letters/${id}`)}>Dead letter of {nameOf({ scriptName })}</a>
            <Badge state={status} />
          </li>
        ))}
        {node.children.map((child) => (
          <li key={child.eventId}>
            <EventTree node={child} {...(current === undefined ? {} : { current })} />
          </li>
        ))}
      </ul>
    </div>
  );
}
