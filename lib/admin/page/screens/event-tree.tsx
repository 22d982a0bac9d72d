import type { EventNode } from '../api/schema';
import { useScriptNames } from '../api/names';
import { useHref } from '../session';
import { Badge, Tag } from '../ui/badge';

/** An event, what ran for it, and the events that came of that. */
export function EventTree({ node, current }: { node: EventNode; current?: string }) {
  const href = useHref();
  const nameOf = useScriptNames();
  return (
    <div class="tree">
      <a href={href(`events/${encodeURIComponent(node.eventId)}`)}>
        <Tag>{node.eventType}</Tag>
      </a>
      <ul>
        {node.executions.map(({ id, scriptId, status, errorKind, attempt }) => (
          <li key={id}>
            <a href={href(`executions/${id}`)} aria-current={id === current ? 'page' : undefined}>
              {nameOf(scriptId)}
              {attempt > 1 && `, attempt ${attempt}`}
            </a>
            <Badge state={errorKind ?? status} tone={status === 'failed' ? 'bad' : 'good'} />
          </li>
        ))}
        {node.deadLetters.map(({ id, scriptId, status }) => (
          <li key={id}>
            <a href={href(`dead-letters/${id}`)}>Dead letter of {nameOf(scriptId)}</a>
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
