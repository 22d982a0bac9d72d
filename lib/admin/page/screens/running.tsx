import { useState } from 'preact/hooks';
import { request } from '../api/client';
import { useApi } from '../api/query';
import type { RunningExecution, RunningExecutions } from '../api/schema';
import { useMay, useTenantQuery } from '../session';
import { Ask } from '../ui/act';
import { Tag } from '../ui/badge';
import { Section } from '../ui/data';
import { When } from '../ui/time';

/** Executions running now in the process that answers; others may run more. Hidden if there are none. */
export function Running() {
  const tenant = useTenantQuery();
  const mayOperate = useMay('operate');
  const [asked, ask] = useState<RunningExecution | null>(null);
  const running = useApi<RunningExecutions>({ path: 'executions/running', query: tenant });
  const items = running.data?.items ?? [];
  if (items.length === 0 && !asked) return null;
  return (
    <Section title="Running now">
      <ul class="card list">
        {items.map((one) => (
          <li key={one.executionId}>
            <span class="main-link">
              <strong>{one.scriptName}</strong>
              <small>
                <Tag>{one.eventType}</Tag> began <When at={one.startedAt} />
              </small>
            </span>
            {mayOperate && (
              <button type="button" class="button small" onClick={() => ask(one)}>
                Cancel
              </button>
            )}
          </li>
        ))}
      </ul>
      {asked && (
        <Ask
          title="Cancel this execution?"
          button="Cancel the execution"
          dismiss="Let it run"
          danger
          onClose={() => ask(null)}
          act={async () => {
            await request(`executions/running/${asked.executionId}`, { method: 'DELETE', query: tenant });
            return 'The execution is cancelled';
          }}
        >
          <p>
            {asked.scriptName} stops immediately. Its event becomes an exhausted dead letter, which you can
            replay or discard.
          </p>
        </Ask>
      )}
    </Section>
  );
}
