import { refresh, useApi } from '../api/query';
import type {
  BoundedCount,
  DeadLetterCounts,
  Health,
  ScriptHealthPage,
  ScriptSummaryPage,
  Statistics,
} from '../api/schema';
import { useHref, useMay, useTenant, useTenantQuery } from '../session';
import { useSettings } from '../settings';
import { HourBars } from '../ui/bars';
import { Badge } from '../ui/badge';
import { Section } from '../ui/data';
import { Heading } from '../ui/heading';
import { Failed, Loaded, Loading } from '../ui/states';
import { When } from '../ui/time';
import { FailureGroupTable, useFailures } from './failure-groups';
import { FirstRun } from './first-run';
import { verdictOf } from './verdict';

const FEW = 5;

/** Whether all is well, and if not, what to look at first. */
export function Overview() {
  const tenant = useTenantQuery();
  const name = useTenant();
  const scripts = useApi<ScriptSummaryPage>({ path: 'scripts', query: { ...tenant, limit: 1 } });
  // Requests all at once, because on a slow line each round trip takes long.
  const asked = useFigures(scripts.data?.items.length !== 0);
  return (
    <>
      <Heading title="Overview">{tenant.tenant && <p>Tenant {name}</p>}</Heading>
      <Loaded result={scripts} rows={5}>
        {({ items }) => (items.length === 0 ? <FirstRun /> : <Figures asked={asked} />)}
      </Loaded>
    </>
  );
}

function useFigures(enabled: boolean) {
  const tenant = useTenantQuery();
  return {
    counts: useApi<DeadLetterCounts>({ path: 'dead-letters/counts', query: tenant, enabled }),
    unwell: useApi<ScriptHealthPage>({ path: 'script-health', query: tenant, enabled }),
    statistics: useApi<Statistics>({ path: 'executions/stats', query: tenant, enabled }),
    failures: useFailures({ days: 1, limit: FEW, enabled }),
    health: useApi<Health>({ path: 'health', enabled: useMay('operate') && enabled }),
  };
}

function Figures({ asked }: { asked: ReturnType<typeof useFigures> }) {
  const href = useHref();
  const { clock } = useSettings().settings;
  const { counts, unwell, statistics, failures, health } = asked;
  if (!counts.data || !unwell.data || !statistics.data) {
    const error = counts.error ?? unwell.error ?? statistics.error;
    return error ? <Failed error={error} again={() => void refresh()} /> : <Loading rows={4} />;
  }
  const { pending, retrying, exhausted, held, oldestOpenAt } = counts.data;
  const verdict = verdictOf(counts.data, unwell.data.items, statistics.data.items, health.data);
  return (
    <>
      <section class={`strip verdict ${verdict.tone}`} aria-label="Verdict">
        <div>
          <h2>{verdict.title}</h2>
          <p>{verdict.reason}</p>
        </div>
        {verdict.to && (
          <a class="button" href={href(verdict.to.path)}>
            {verdict.to.title}
          </a>
        )}
      </section>
      <ul class="tiles">
        <Tile
          title="Need attention"
          count={exhausted}
          to={href('dead-letters', { status: 'exhausted' })}
          tone="bad"
        />
        <Tile
          title="Waiting for a retry"
          count={pending}
          to={href('dead-letters', { status: 'pending' })}
          tone="info"
        />
        <Tile
          title="Held for their script"
          count={held}
          to={href('dead-letters', { reason: 'held' })}
          tone="warn"
        />
        <Tile
          title="Retrying now"
          count={retrying}
          to={href('dead-letters', { status: 'retrying' })}
          tone="info"
        />
        <li class="tile">
          <span class="tile-title">Oldest open</span>
          <strong>{oldestOpenAt === null ? 'none' : <When at={oldestOpenAt} />}</strong>
        </li>
      </ul>
      <Section
        title="Executions in the last 24 hours"
        beside={<a href={href('executions')}>All executions</a>}
      >
        <div class="card padded">
          <HourBars buckets={statistics.data.items} utc={clock === 'UTC'} />
        </div>
      </Section>
      {unwell.data.items.length > 0 && (
        <Section title="Scripts that need attention">
          <ul class="card list">
            {unwell.data.items.slice(0, FEW).map(({ scriptId, scriptName, state, reason, waiting }) => (
              <li key={scriptId}>
                <a class="main-link" href={href(`scripts/${scriptId}`)}>
                  <strong>{scriptName}</strong>
                  <small>{reason}</small>
                </a>
                {waiting > 0 && <span class="quiet">{waiting} waiting</span>}
                <Badge state={state} />
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title="Failures in the last 24 hours" beside={<a href={href('failures')}>All failures</a>}>
        <FailureGroupTable groups={failures} days={1} most={FEW} />
      </Section>
      {health.data && <Application health={health.data} />}
    </>
  );
}

const Tile = ({
  title,
  count,
  to,
  tone,
}: {
  title: string;
  count: BoundedCount;
  to: string;
  tone: string;
}) => (
  <li class={count.count > 0 ? `tile ${tone}` : 'tile'}>
    <a href={to}>
      <span class="tile-title">{title}</span>
      <strong>
        {count.count.toLocaleString('en')}
        {count.more && '+'}
      </strong>
    </a>
  </li>
);

/** For operators: the application's parts, in the process that answered. */
const Application = ({ health }: { health: Health }) => (
  <Section
    title="Application health"
    beside={
      <Badge
        state={health.status}
        tone={health.status === 'up' ? 'good' : health.status === 'down' ? 'bad' : 'warn'}
      />
    }
  >
    <ul class="card list parts">
      {Object.entries(health.components as Record<string, { status: string; reason?: string | null }>).map(
        ([name, part]) => (
          <li key={name}>
            <span class="main-link">
              <strong>{name}</strong>
              {part.reason && <small>{part.reason}</small>}
            </span>
            <Badge
              state={part.status}
              tone={part.status === 'up' ? 'good' : part.status === 'down' ? 'bad' : 'warn'}
            />
          </li>
        ),
      )}
    </ul>
    <p class="quiet note">
      As seen by process {health.node.slice(0, 8)}, <When at={health.checkedAt} />.
    </p>
  </Section>
);
