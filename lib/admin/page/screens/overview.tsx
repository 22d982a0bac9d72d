import { useMemo } from 'preact/hooks';
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
import { daysAgo, FailureGroupList } from './failure-groups';
import { FirstRun } from './first-run';
import { verdictOf } from './verdict';

const FEW = 5;

/** Whether all is well, and if not, what to look at first. */
export function Overview() {
  const tenant = useTenantQuery();
  const name = useTenant();
  const scripts = useApi<ScriptSummaryPage>({ path: 'scripts', query: { ...tenant, limit: 1 } });
  return (
    <>
      <Heading title="Overview">{tenant.tenant && <p>Tenant {name}</p>}</Heading>
      <Loaded result={scripts} rows={5}>
        {({ items }) => (items.length === 0 ? <FirstRun /> : <Figures />)}
      </Loaded>
    </>
  );
}

function Figures() {
  const tenant = useTenantQuery();
  const href = useHref();
  const { clock } = useSettings().settings;
  const from = useMemo(() => daysAgo(1), []);
  const counts = useApi<DeadLetterCounts>({ path: 'dead-letters/counts', query: tenant });
  const unwell = useApi<ScriptHealthPage>({ path: 'script-health', query: tenant });
  const statistics = useApi<Statistics>({ path: 'executions/stats', query: { ...tenant, from } });
  const mayOperate = useMay('operate');
  const health = useApi<Health>({ path: 'health', enabled: mayOperate });
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
          title="Wait for a person"
          count={exhausted}
          to={href('dead-letters', { status: 'exhausted' })}
          tone="bad"
        />
        <Tile
          title="Wait for their retry"
          count={pending}
          to={href('dead-letters', { status: 'pending' })}
          tone="info"
        />
        <Tile title="Of these, held" count={held} to={href('dead-letters', { reason: 'held' })} tone="warn" />
        <Tile
          title="Are retried now"
          count={retrying}
          to={href('dead-letters', { status: 'retrying' })}
          tone="info"
        />
        <li class="tile">
          <span class="tile-title">Oldest that is open</span>
          <strong>{oldestOpenAt === null ? 'none' : <When at={oldestOpenAt} />}</strong>
        </li>
      </ul>
      <Section
        title="Executions of the last 24 hours"
        beside={<a href={href('executions')}>All executions</a>}
      >
        <div class="card padded">
          <HourBars buckets={statistics.data.items} utc={clock === 'UTC'} />
        </div>
      </Section>
      {unwell.data.items.length > 0 && (
        <Section title="Scripts that need somebody">
          <ul class="card list">
            {unwell.data.items.slice(0, FEW).map(({ scriptId, scriptName, state, reason, waiting }) => (
              <li key={scriptId}>
                <a class="main-link" href={href(`scripts/${scriptId}`)}>
                  <strong>{scriptName}</strong>
                  <small>{reason}</small>
                </a>
                {waiting > 0 && <span class="quiet">{waiting} wait for it</span>}
                <Badge state={state} />
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title="Failures of the last 24 hours" beside={<a href={href('failures')}>All failures</a>}>
        <FailureGroupList days={1} most={FEW} />
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

/** For who operates the application: its parts, in the process that answered. */
const Application = ({ health }: { health: Health }) => (
  <Section
    title="The application"
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
      As the process {health.node.slice(0, 8)} saw it <When at={health.checkedAt} />.
    </p>
  </Section>
);
