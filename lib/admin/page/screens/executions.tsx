import type { ExecutionSummary } from '../api/schema';
import { useHref, useTenantQuery } from '../session';
import { Choice, FilterBar, useFilters } from '../ui/filters';
import { Heading } from '../ui/heading';
import { useList } from '../ui/paged-table';
import { Empty, NoMatch } from '../ui/states';
import { ExecutionTable, TRIGGERS } from './execution-table';
import { EventTypeChoice, FailureKindChoice, ScriptChoice } from './record-filters';
import { Running } from './running';

export function Executions() {
  const href = useHref();
  const tenant = useTenantQuery();
  const [{ scriptId, status, errorKind, eventType, trigger, eventId, deadLetterId }, change] = useFilters();
  const asked = { scriptId, status, errorKind, eventType, trigger, eventId, deadLetterId };
  const list = useList<ExecutionSummary>('executions', { ...tenant, ...asked });
  const filtered = Object.values(asked).some((one) => one !== undefined);
  return (
    <>
      <Heading title="Executions" />
      <Running />
      <FilterBar>
        <ScriptChoice
          value={scriptId}
          listed={list.pages.data?.pages[0]?.items[0]}
          onChange={(one) => change({ scriptId: one })}
        />
        <Choice
          title="Status"
          value={status}
          options={['completed', 'failed'].map((one) => [one, one])}
          onChange={(one) => change({ status: one })}
        />
        <FailureKindChoice value={errorKind} onChange={(one) => change({ errorKind: one })} />
        <EventTypeChoice value={eventType} onChange={(one) => change({ eventType: one })} />
        <Choice
          title="Trigger"
          value={trigger}
          options={Object.entries(TRIGGERS)}
          onChange={(one) => change({ trigger: one })}
        />
      </FilterBar>
      <ExecutionTable
        list={list}
        empty={
          filtered ? (
            <NoMatch what="executions" clear={href('executions')} />
          ) : (
            <Empty icon="executions" title="Nothing has run yet">
              <p>When an event runs a script, the execution appears here within seconds.</p>
            </Empty>
          )
        }
      />
    </>
  );
}
