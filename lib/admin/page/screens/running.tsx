import { useState } from 'preact/hooks';
import { request } from '../api/client';
import { useApi } from '../api/query';
import type { RunningExecution, RunningExecutions } from '../api/schema';
import { useScriptNames } from '../api/names';
import { useMay, useTenantQuery } from '../session';
import { Ask } from '../ui/act';
import { Tag } from '../ui/badge';
import { Section } from '../ui/data';
import { When } from '../ui/time';

/** What the process that answers runs now; others may run more. Nothing is shown while it runs nothing. */
export function Running() {
  const tenant = useTenantQuery();
  const nameOf = useScriptNames();
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
              <strong>{nameOf(one.scriptId)}</strong>
              <small>
                <Tag>{one.eventType}</Tag> since <When at={one.startedAt} />
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
          title="Cancel the execution?"
          button="Cancel the execution"
          danger
          onClose={() => ask(null)}
          act={async () => {
            await request(`executions/running/${asked.executionId}`, { method: 'DELETE', query: tenant });
            return 'It is cancelled';
          }}
        >
          <p>
            {nameOf(asked.scriptId)} stops at once. Its event becomes an exhausted dead letter: somebody
            replays or discards it.
          </p>
        </Ask>
      )}
    </Section>
  );
}
