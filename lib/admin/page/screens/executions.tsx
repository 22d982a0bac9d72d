import { useApi } from '../api/query';
import type { EventTypes, ScriptSummaryPage } from '../api/schema';
import { useTenantQuery } from '../session';
import { Choice, FilterBar, useFilters } from '../ui/filters';
import { Heading } from '../ui/heading';
import { Empty } from '../ui/states';
import { ExecutionList, TRIGGERS } from './execution-list';
import { Running } from './running';

const KINDS = ['timeout', 'memory', 'syntax', 'runtime', 'rejected', 'crashed', 'cancelled'] as const;
const NONE = {
  scriptId: undefined,
  status: undefined,
  errorKind: undefined,
  eventType: undefined,
  trigger: undefined,
};

export function Executions() {
  const tenant = useTenantQuery();
  const [{ scriptId, status, errorKind, eventType, trigger, eventId, deadLetterId }, change] = useFilters();
  const scripts = useApi<ScriptSummaryPage>({
    path: 'scripts',
    query: { ...tenant, limit: 200 },
    poll: 60_000,
  });
  const types = useApi<EventTypes>({ path: 'event-types', poll: false });
  const asked = { scriptId, status, errorKind, eventType, trigger, eventId, deadLetterId };
  const filtered = Object.values(asked).some((one) => one !== undefined);
  return (
    <>
      <Heading title="Executions" />
      <Running />
      <FilterBar>
        <Choice
          title="Script"
          value={scriptId}
          options={(scripts.data?.items ?? []).map(({ id, name }) => [id, name])}
          onChange={(one) => change({ scriptId: one })}
        />
        <Choice
          title="Status"
          value={status}
          options={[
            ['completed', 'completed'],
            ['failed', 'failed'],
          ]}
          onChange={(one) => change({ status: one })}
        />
        <Choice
          title="Kind of failure"
          value={errorKind}
          options={KINDS.map((one) => [one, one])}
          onChange={(one) => change({ errorKind: one })}
        />
        <Choice
          title="Event type"
          value={eventType}
          options={(types.data?.items ?? []).map(({ type }) => [type, type])}
          onChange={(one) => change({ eventType: one })}
        />
        <Choice
          title="Trigger"
          value={trigger}
          options={Object.entries(TRIGGERS)}
          onChange={(one) => change({ trigger: one })}
        />
      </FilterBar>
      <ExecutionList
        query={{ ...tenant, ...asked }}
        empty={
          filtered ? (
            <Empty icon="search" title="No execution matches">
              <button
                type="button"
                class="button"
                onClick={() => change({ ...NONE, eventId: undefined, deadLetterId: undefined })}
              >
                Clear the filters
              </button>
            </Empty>
          ) : (
            <Empty icon="executions" title="Nothing has run yet">
              <p>
                When something happens that a script listens to, what the script did appears here within
                seconds.
              </p>
            </Empty>
          )
        }
      />
    </>
  );
}
