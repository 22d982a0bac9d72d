import { useApi } from '../api/query';
import type { ScheduleState, ScheduleStates, Script } from '../api/schema';
import { useHref, useMay, useTenantQuery } from '../session';
import { Tag } from '../ui/badge';
import { Facts, Section } from '../ui/data';
import { Json } from '../ui/json';
import { Loaded } from '../ui/states';
import { When } from '../ui/time';

/** The schedules of a script with their next times, and a link to their runs. */
export function ScriptSchedules({ script }: { script: Script }) {
  const href = useHref();
  const tenant = useTenantQuery();
  const states = useApi<ScheduleStates>({ path: `scripts/${script.id}/schedules`, query: tenant });
  const mayWrite = useMay('write');
  const edit = mayWrite && script.status !== 'archived' && (
    <a class="button small" href={href(`scripts/${script.id}/edit`)}>
      Change
    </a>
  );
  if (script.schedules === null)
    return (
      <Section title="Schedules" beside={edit}>
        <p class="quiet">None: it runs for events alone.</p>
      </Section>
    );
  const runs = (
    <span class="row-acts">
      <a class="button small" href={href('executions', { scriptId: script.id, eventType: 'schedule' })}>
        Runs
      </a>
      {edit}
    </span>
  );
  return (
    <Section title="Schedules" beside={runs}>
      <Loaded result={states}>
        {({ items }) => (
          <>
            {items.map((state) => (
              <OneSchedule key={`${state.timezone} ${state.cron}`} state={state} />
            ))}
          </>
        )}
      </Loaded>
    </Section>
  );
}

const OneSchedule = ({ state }: { state: ScheduleState }) => (
  <>
    <Facts
      of={[
        [
          'Times',
          <>
            <Tag>{state.cron}</Tag> in {state.timezone}
          </>,
        ],
        [
          'Next',
          state.nextTimes.length === 0 ? (
            'none: only active scripts run'
          ) : (
            <ol>
              {state.nextTimes.map((at) => (
                <li key={at}>
                  <When at={at} full />
                </li>
              ))}
            </ol>
          ),
        ],
        ['Last', <When at={state.lastTime} full />],
        ['Now', state.openEventId === null ? 'nothing waits or runs' : 'its last run waits or runs'],
        ['After an outage', state.catchUp === 'one' ? 'one run for what was missed' : 'no run'],
        [
          'While the last run goes on',
          state.overlap === 'skip' ? 'its times are left out' : 'one waits for its end',
        ],
      ]}
    />
    {state.payload !== null && <Json value={state.payload} label="Payload" />}
  </>
);
