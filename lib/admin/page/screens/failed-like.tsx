import { useApi } from '../api/query';
import type { Execution } from '../api/schema';
import { useTenantQuery } from '../session';
import { Icon } from '../ui/icons';

/** The group of failures that filters a list, named by one of its executions. */
export function FailedLike({ executionId, onRemove }: { executionId: string; onRemove: () => void }) {
  const path = `executions/${encodeURIComponent(executionId)}`;
  const { data, error } = useApi<Execution>({ path, query: useTenantQuery(), poll: false });
  return (
    <ul class="chips narrowed" aria-label="Only one group of failures">
      <li>
        {data ? (
          <span>
            Failed like “{data.errorMessage ?? ''}”,{' '}
            {data.errorLine === null ? 'no line' : `line ${data.errorLine}`}
          </span>
        ) : (
          <span>
            {error?.status === 404
              ? 'Failed like an execution that isn’t stored, so nothing matches'
              : 'One group of failures'}
          </span>
        )}
        <button type="button" aria-label="Remove the filter for one group" onClick={onRemove}>
          <Icon name="close" />
        </button>
      </li>
    </ul>
  );
}
