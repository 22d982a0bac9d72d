import { useEffect, useState } from 'preact/hooks';
import { ApiError, request } from '../api/client';
import type { SchedulePreview } from '../api/schema';
import { useTenantQuery } from '../session';
import { Field } from '../ui/act';
import { Icon } from '../ui/icons';
import { JsonField } from '../ui/mounted';
import { fromNow } from '../ui/time';
import { idOf, newSchedule, scheduleBody, type ScheduleDraft } from './schedule-draft';

/** Milliseconds after an edit before the next times are requested. */
const DELAY_MS = 500;

const ZONES = 'time-zones';

/** Edits the schedules, and shows the next times of each one before it is saved. */
export function SchedulesField({
  schedules,
  said,
  onChange,
}: {
  schedules: readonly ScheduleDraft[];
  /** The API's message on a field, from the last save. */
  said: (name: string) => string | undefined;
  onChange: (schedules: readonly ScheduleDraft[]) => void;
}) {
  const change = (at: number, some: Partial<ScheduleDraft>): void =>
    onChange(schedules.map((one, position) => (position === at ? { ...one, ...some } : one)));
  return (
    <fieldset class="schedules">
      <legend>Schedules</legend>
      {schedules.map((schedule, at) => (
        <OneSchedule
          key={idOf(schedule)}
          number={at + 1}
          schedule={schedule}
          said={(name) => said(`schedules[${at}].${name}`)}
          onChange={(some) => change(at, some)}
          onRemove={() => onChange(schedules.filter((_, position) => position !== at))}
        />
      ))}
      <p>
        <button type="button" class="button small" onClick={() => onChange([...schedules, newSchedule()])}>
          <Icon name="clock" />
          Add a schedule
        </button>{' '}
        {schedules.length === 0 && <small>Runs the script at certain times, with or without events.</small>}
      </p>
      <datalist id={ZONES}>
        {(schedules.length > 0 ? Intl.supportedValuesOf('timeZone') : []).map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </fieldset>
  );
}

interface OneProps {
  number: number;
  schedule: ScheduleDraft;
  said: (name: string) => string | undefined;
  onChange: (some: Partial<ScheduleDraft>) => void;
  onRemove: () => void;
}

function OneSchedule({ number, schedule, said, onChange, onRemove }: OneProps) {
  const { cron, timezone, catchUp, overlap } = schedule;
  const preview = usePreview(schedule);
  // A problem of the current text comes before one of the last save.
  const problem = (name: string): string | undefined => preview?.problem(name) ?? said(name);
  return (
    <fieldset class="schedule">
      <legend>Schedule {number}</legend>
      <div class="pair">
        <Field
          title="Times"
          hint="Minute, hour, day of the month, month, day of the week."
          problem={problem('cron')}
        >
          <input
            class="code"
            value={cron}
            maxLength={200}
            autocomplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => onChange({ cron: currentTarget.value })}
          />
        </Field>
        <Field title="Time zone" problem={problem('timezone')}>
          <input
            value={timezone}
            list={ZONES}
            maxLength={64}
            placeholder="UTC"
            autocomplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => onChange({ timezone: currentTarget.value })}
          />
        </Field>
        <Field title="After an outage" problem={problem('catchUp')}>
          <select
            value={catchUp}
            onChange={({ currentTarget }) =>
              onChange({ catchUp: currentTarget.value as ScheduleDraft['catchUp'] })
            }
          >
            <option value="one">run once for what was missed</option>
            <option value="none">don’t catch up</option>
          </select>
        </Field>
        <Field title="While the last run goes on" problem={problem('overlap')}>
          <select
            value={overlap}
            onChange={({ currentTarget }) =>
              onChange({ overlap: currentTarget.value as ScheduleDraft['overlap'] })
            }
          >
            <option value="skip">leave the next time out</option>
            <option value="queue">wait for its end, then run</option>
          </select>
        </Field>
      </div>
      <JsonField
        title={`Payload of schedule ${number}`}
        hint="JSON. The script reads it as ctx.input.payload."
        problem={schedule.payload === undefined ? 'This is not JSON yet.' : problem('payload')}
        value={schedule.payload ?? null}
        onChange={(payload) => onChange({ payload })}
      />
      <NextTimes times={preview?.times} zone={timezone.trim() || 'UTC'} />
      <p>
        <button type="button" class="button small" onClick={onRemove}>
          <Icon name="trash" />
          Remove schedule {number}
        </button>
      </p>
    </fieldset>
  );
}

interface Preview {
  /** None while there is a problem. */
  times: readonly string[];
  problem: (name: string) => string | undefined;
}

/** The next times of a schedule, or its problems; undefined until the API answers. */
function usePreview(schedule: ScheduleDraft): Preview | undefined {
  const tenant = useTenantQuery();
  const [preview, setPreview] = useState<Preview | undefined>(undefined);
  const asked = JSON.stringify(scheduleBody({ ...schedule, payload: null }));
  useEffect(() => {
    const controller = new AbortController();
    const ask = async (): Promise<void> => {
      const { signal } = controller;
      const body = { schedules: [JSON.parse(asked) as unknown] };
      try {
        const sent = { method: 'POST', query: tenant, body, signal };
        const { value } = await request<SchedulePreview>('schedules/preview', sent);
        setPreview({ times: value.items[0]?.nextTimes ?? [], problem: () => undefined });
      } catch (error) {
        if (signal.aborted) return;
        // An error without issues shows no times; saving checks again.
        const issues = error instanceof ApiError ? error.issues : [];
        setPreview({
          times: [],
          problem: (name) => issues.find(({ path }) => path === `schedules[0].${name}`)?.message,
        });
      }
    };
    const timer = setTimeout(() => void ask(), DELAY_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [asked]);
  return preview;
}

/** The next times, in the zone of the schedule. */
function NextTimes({ times, zone }: { times: readonly string[] | undefined; zone: string }) {
  return (
    <div class="next-times" aria-live="polite">
      {times !== undefined && times.length > 0 && (
        <>
          <span class="field-title">Next times in {zone}</span>
          <ol>
            {times.map((at) => (
              <li key={at}>
                <time dateTime={at}>{momentIn(zone, at)}</time> <small>{fromNow(at)}</small>
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}

function momentIn(timeZone: string, at: string): string {
  const parts = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' } as const;
  const format = { ...parts, hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
  try {
    return new Intl.DateTimeFormat('en-GB', { ...format, timeZone }).format(new Date(at));
  } catch {
    // The zone is being edited and is not valid yet.
    return new Intl.DateTimeFormat('en-GB', { ...format, timeZone: 'UTC' }).format(new Date(at));
  }
}
