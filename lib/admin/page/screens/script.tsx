import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso/router';
import { useApi } from '../api/query';
import type { ExecutionSummary, Script as ScriptRecord, ScriptHealth } from '../api/schema';
import { useHref, useMay, useTenantQuery } from '../session';
import { Badge, Tags } from '../ui/badge';
import { Section } from '../ui/data';
import { useFilters } from '../ui/filters';
import { Heading, Tabs } from '../ui/heading';
import { Icon } from '../ui/icons';
import { OpenApplication } from '../ui/open-application';
import { useList } from '../ui/paged-table';
import { Empty, Loaded } from '../ui/states';
import { ExecutionTable } from './execution-table';
import { FailureGroupTable, useFailures } from './failure-groups';
import { HealthStrip } from './script-health';
import { ScriptMenu, type ScriptActName, ScriptActDialog } from './script-acts';
import { ScriptSchedules } from './script-schedules';
import { ScriptSettings } from './script-settings';
import { ScriptVersions } from './script-versions';

const TABS = [
  ['executions', 'Executions'],
  ['failures', 'Failures'],
  ['versions', 'Versions'],
  ['settings', 'Settings'],
] as const;

/** One script: health, executions, versions and settings. */
export function Script() {
  const { params } = useRoute();
  const id = params.id ?? '';
  const tenant = useTenantQuery();
  const script = useApi<ScriptRecord>({ path: `scripts/${id}`, query: tenant });
  return <Loaded result={script}>{(data) => <Details script={data} />}</Loaded>;
}

function Details({ script }: { script: ScriptRecord }) {
  const { id, name, description, status, degraded, eventTypes } = script;
  const href = useHref();
  const tenant = useTenantQuery();
  const mayWrite = useMay('write');
  const mayOperate = useMay('operate');
  const health = useApi<ScriptHealth>({ path: `scripts/${id}/health`, query: tenant });
  const [{ tab = 'executions' }] = useFilters();
  const [asked, ask] = useState<ScriptActName | null>(null);
  const actions = (
    <>
      <ScriptMenu script={script} ask={ask} />
      {mayWrite && status !== 'archived' && (
        <a class="button primary" href={href(`scripts/${id}/edit`)}>
          <Icon name="edit" />
          Edit
        </a>
      )}
    </>
  );
  return (
    <>
      <Heading
        title={name}
        back={{ to: href('scripts'), title: 'Scripts' }}
        beside={<Badge state={degraded ? 'degraded' : status} />}
        actions={mayWrite || mayOperate ? actions : undefined}
      >
        {description && <p>{description}</p>}
        <p class="listens">
          Version {script.version}
          {eventTypes.length > 0 && (
            <>
              , listens to <Tags of={eventTypes} />
            </>
          )}
          {script.schedules && (
            <>
              , runs at <Tags of={script.schedules.map(({ cron }) => cron)} />
            </>
          )}
        </p>
      </Heading>
      <HealthStrip script={script} health={health.data} ask={ask} />
      <Tabs
        label="Parts of the script"
        tabs={TABS.map(([key, title]) => ({
          title,
          to: href(`scripts/${id}`, key === 'executions' ? {} : { tab: key }),
          current: tab === key,
        }))}
      />
      <Tab script={script} tab={tab} />
      {asked && (
        <ScriptActDialog script={script} health={health.data} act={asked} onClose={() => ask(null)} />
      )}
    </>
  );
}

function Tab({ script, tab }: { script: ScriptRecord; tab: string }) {
  if (tab === 'failures') return <ScriptFailures id={script.id} />;
  if (tab === 'versions') return <ScriptVersions script={script} />;
  if (tab === 'settings')
    return (
      <>
        <ScriptSchedules script={script} />
        <ScriptSettings script={script} />
      </>
    );
  return <ScriptExecutions script={script} />;
}

function ScriptExecutions({ script }: { script: ScriptRecord }) {
  const list = useList<ExecutionSummary>('executions', { ...useTenantQuery(), scriptId: script.id });
  return (
    <ExecutionTable
      ofOneScript
      list={list}
      empty={
        <Empty icon="executions" title="This script hasn’t run yet">
          {script.status === 'active' ? (
            script.eventTypes.length === 0 ? (
              <p>It runs at the next time of its schedules.</p>
            ) : (
              <>
                <p>
                  It runs for the next <Tags of={script.eventTypes} />
                  {script.filters ? ' that its filter lets through.' : '.'}
                </p>
                <OpenApplication />
              </>
            )
          ) : (
            <p>
              Only active scripts run. This one is {script.status === 'draft' ? 'a draft' : script.status}.
            </p>
          )}
        </Empty>
      }
    />
  );
}

const ScriptFailures = ({ id }: { id: string }) => (
  <Section title="Failures in the last 7 days">
    <FailureGroupTable groups={useFailures({ scriptId: id, days: 7 })} days={7} ofOneScript />
  </Section>
);
