import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { ApiError, post } from '../api/client';
import { useApi } from '../api/query';
import type { DeadLetterSummaryPage, EventTypes, ExecutionSummaryPage, Script, TestRun } from '../api/schema';
import type { JsonEditor, JsonValue, Problem as SourceProblem } from '../editor';
import { useMay, useSession, useTenantQuery } from '../session';
import { Problem } from '../ui/act';
import { Section } from '../ui/data';
import { Icon } from '../ui/icons';
import { Mounted } from '../ui/mounted';
import { fromNow } from '../ui/time';
import { sampleOf } from '../templates';
import { callsBody, NO_CALLS, unreadableCalls } from './call-draft';
import { Calls, effectsOf } from './edit-calls';
import { type Draft, runnable, runsFor, SCHEDULE, unreadable } from './edit-draft';
import { eventBody, type TestedEvent } from './edit-event';
import { TestResult } from './edit-result';
import { PastEvent } from './past-event';

interface Props {
  draft: Draft;
  types: EventTypes['items'];
  script: Script | undefined;
  event: TestedEvent | null;
  onEvent: (event: TestedEvent) => void;
  /** Gets the function that runs the draft. */
  onReady: (run: () => void) => void;
  /** Where a run failed; null when it did not. */
  onFailure: (problem: SourceProblem | null) => void;
}

const RECENT = 20;
/** `ctx.input` in scheduled runs. */
const SCHEDULE_FIELDS = ['scheduledFor', 'previousRunAt', 'payload'];

/** Runs the draft on an event, before it is saved. */
export function TestPanel({ draft, types, script, event, onEvent, onReady, onFailure }: Props) {
  const tenant = useTenantQuery();
  const mayWrite = useMay('write');
  const [result, setResult] = useState<TestRun | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const [calls, setCalls] = useState(NO_CALLS);
  const effects = effectsOf(draft, calls);
  const run = async (): Promise<void> => {
    if (!event || busy) return;
    const issues = [...unreadable(draft), ...unreadableCalls(calls, draft.bindings)];
    const [first] = issues;
    if (first) {
      setResult(null);
      return setError(new ApiError(400, first.code, first.message, issues));
    }
    setBusy(true);
    setError(null);
    try {
      const body = {
        ...(script ? { scriptId: script.id } : {}),
        ...runnable(draft),
        ...callsBody(calls, draft),
        event: eventBody(event),
      };
      const done = await post<TestRun>('test-runs', tenant, body);
      setResult(done);
      onFailure(done.error ? { message: done.error.message, line: done.error.line } : null);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setResult(null);
      setError(failure);
      const placed = failure.issues.find(({ line, path }) => line !== undefined || path === 'source');
      onFailure(placed ? { message: placed.message, line: placed.line } : null);
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    onReady(() => void run());
  });
  if (!mayWrite) return null;
  return (
    <aside class="test">
      <Section
        title="Try it"
        beside={
          <button
            type="button"
            class="button primary small"
            disabled={busy || !event}
            onClick={() => void run()}
          >
            <Icon name="play" />
            {busy ? 'Running…' : 'Run'}
          </button>
        }
      >
        <EventChoice draft={draft} types={types} script={script} event={event} onEvent={onEvent} />
        <Calls draft={draft} calls={calls} onChange={setCalls} />
        {effects === undefined ? (
          <p class="quiet note">Nothing is saved or published, and no bindings are called.</p>
        ) : (
          <p class="warning note">Nothing is saved or published, but {effects}.</p>
        )}
      </Section>
      <div aria-live="polite">
        <Problem error={error} />
        {result && <TestResult result={result} />}
      </div>
    </aside>
  );
}

/** Chooses a past event of an execution or a dead letter, or one written by hand. */
function EventChoice({ draft, types, script, event, onEvent }: Omit<Props, 'onReady' | 'onFailure'>) {
  const tenant = useTenantQuery();
  const { query } = useLocation();
  const mayData = useMay('data');
  const { application } = useSession();
  const own = script !== undefined && mayData;
  const letters = useApi<DeadLetterSummaryPage>({
    path: 'dead-letters',
    query: { ...tenant, scriptId: script?.id, limit: RECENT },
    enabled: own,
    poll: 30_000,
  });
  const executions = useApi<ExecutionSummaryPage>({
    path: 'executions',
    query: { ...tenant, scriptId: script?.id, limit: RECENT },
    enabled: own && application.keepsInput,
    poll: 30_000,
  });
  const [type, setType] = useState(runsFor(draft)[0] ?? types[0]?.type ?? '');
  const json = useRef<JsonEditor | null>(null);
  const fieldsOf = (name: string): readonly string[] =>
    name === SCHEDULE ? SCHEDULE_FIELDS : (types.find((one) => one.type === name)?.fields ?? []);
  // A schedule's event brings its own fields.
  const written = useRef<JsonValue>((type === SCHEDULE ? {} : sampleOf(fieldsOf(type))) as JsonValue);

  // The editor is mounted once, with the first callbacks.
  const latest = useRef((_input: JsonValue): void => undefined);
  latest.current = (input) => onEvent({ is: 'own', type, input });

  useEffect(() => {
    if (query.deadLetter) onEvent({ is: 'deadLetter', id: query.deadLetter });
    else if (query.execution) onEvent({ is: 'execution', id: query.execution });
    else if (type) onEvent({ is: 'own', type, input: written.current });
  }, []);

  const choose = (value: string): void => {
    const [kind, id = ''] = value.split(' ');
    if (kind === 'own') onEvent({ is: 'own', type, input: written.current });
    else onEvent({ is: kind as 'deadLetter' | 'execution', id });
  };
  const copy = (ofType: string, input: JsonValue): void => {
    setType(ofType);
    written.current = input;
    onEvent({ is: 'own', type: ofType, input });
  };
  const chosen = event === null || event.is === 'own' ? 'own' : `${event.is} ${event.id}`;
  const known = new Set([
    ...(letters.data?.items ?? []).map(({ id }) => `deadLetter ${id}`),
    ...(executions.data?.items ?? []).map(({ id }) => `execution ${id}`),
  ]);
  return (
    <div class="event-choice">
      <label class="field">
        <span class="field-title">Event</span>
        <select value={chosen} onChange={({ currentTarget }) => choose(currentTarget.value)}>
          <option value="own">Write one by hand</option>
          {chosen !== 'own' && !known.has(chosen) && <option value={chosen}>The event you came from</option>}
          {(letters.data?.items.length ?? 0) > 0 && (
            <optgroup label="Dead letters">
              {letters.data?.items.map(({ id, eventType, status, createdAt }) => (
                <option key={id} value={`deadLetter ${id}`}>
                  {eventType}, {status}, {fromNow(createdAt)}
                </option>
              ))}
            </optgroup>
          )}
          {(executions.data?.items.length ?? 0) > 0 && (
            <optgroup label="Past events">
              {executions.data?.items.map(({ id, eventType, status, finishedAt }) => (
                <option key={id} value={`execution ${id}`}>
                  {eventType}, {status}, {fromNow(finishedAt)}
                </option>
              ))}
            </optgroup>
          )}
        </select>
      </label>
      {event && event.is !== 'own' && <PastEvent key={event.id} event={event} onCopy={copy} />}
      {chosen === 'own' && (
        <>
          <label class="field">
            <span class="field-title">Type</span>
            <input
              value={type}
              list="known-types"
              onInput={({ currentTarget }) => {
                setType(currentTarget.value);
                json.current?.setFields(fieldsOf(currentTarget.value));
                onEvent({ is: 'own', type: currentTarget.value, input: written.current });
              }}
            />
            <datalist id="known-types">
              {[...types.map((one) => one.type), SCHEDULE].map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
          </label>
          <div class="field">
            <span class="field-title">Payload</span>
            <Mounted<JsonEditor>
              mount={({ mountJsonEditor }, place) =>
                mountJsonEditor(place, {
                  label: 'Payload',
                  value: written.current,
                  fields: fieldsOf(type),
                  onChange: ({ value }) => {
                    if (value === undefined) return;
                    written.current = value;
                    latest.current(value);
                  },
                })
              }
              onReady={(handle) => (json.current = handle)}
            />
          </div>
        </>
      )}
    </div>
  );
}
