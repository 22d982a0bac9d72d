import { nameOf } from '../api/names';
import type { CauseRecord } from '../api/schema';
import { useHref } from '../session';
import { Outcome, Tag } from '../ui/badge';

/** The executions that led to an event, from the first one to the one that published it. */
export function Causes({ of }: { of: readonly CauseRecord[] }) {
  const href = useHref();
  return (
    <ol class="tree">
      {of.map(({ eventId, executionId, execution }) => (
        <li key={executionId}>
          <a href={href(`events/${encodeURIComponent(eventId)}`)}>
            {execution ? <Tag>{execution.eventType}</Tag> : 'An event'}
          </a>{' '}
          {execution ? (
            <>
              <a href={href(`executions/${executionId}`)}>{nameOf(execution)}</a>{' '}
              <Outcome status={execution.status} kind={execution.errorKind} />
            </>
          ) : (
            <span class="quiet">whose execution is no longer stored</span>
          )}
        </li>
      ))}
    </ol>
  );
}
