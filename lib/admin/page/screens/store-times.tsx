import type { StoreKey } from '../api/schema';
import { useHref } from '../session';
import { When } from '../ui/time';

/** When a key was last written, and by which run or person. */
export function Written({ of: { updatedAt, executionId, updatedBy } }: { of: StoreKey }) {
  const href = useHref();
  return (
    <span class="stack">
      <When at={updatedAt} />
      {executionId !== null && (
        <small>
          by <a href={href(`executions/${executionId}`)}>a run</a>
        </small>
      )}
      {updatedBy && <small>by {updatedBy}</small>}
    </span>
  );
}
