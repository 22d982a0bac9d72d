import { formatDuration } from '../../../common/duration-text';
import { useRoute } from 'preact-iso/router';
import { useApi } from '../api/query';
import type {
  DeadLetterSummary,
  EventHistory,
  EventNode,
  Execution as ExecutionRecord,
  ScriptVersion,
} from '../api/schema';
import { nameOf } from '../api/names';
import { useHref, useMay, useTenantQuery } from '../session';
import { Badge, Outcome, Tag } from '../ui/badge';
import { CopyCurl, Id } from '../ui/copy';
import { Facts, Section, SourceFrame } from '../ui/data';
import { Heading } from '../ui/heading';
import { Json } from '../ui/json';
import { Icon } from '../ui/icons';
import { Loaded } from '../ui/states';
import { When } from '../ui/time';
import { WhatComesNext } from './dead-letter-words';
import { Causes } from './causes';
import { EventTree } from './event-tree';
import { TRIGGERS } from './execution-table';
import { Logs } from './logs';

/** One execution and all its event caused. */
export function Execution() {
  const { params } = useRoute();
  const id = params.id ?? '';
  const execution = useApi<ExecutionRecord>({
    path: `executions/${id}`,
    query: useTenantQuery(),
    poll: false,
  });
  return <Loaded result={execution}>{(data) => <Details execution={data} />}</Loaded>;
}

function Details({ execution }: { execution: ExecutionRecord }) {
  const { scriptId, scriptVersion, status, errorKind, attempt, eventId, eventType } = execution;
  const href = useHref();
  const tenant = useTenantQuery();
  const history = useApi<EventHistory>({ path: `events/${encodeURIComponent(eventId)}`, query: tenant });
  const failed = status === 'failed';
  const mayTry = [useMay('write'), useMay('data')].every(Boolean);
  const own = history.data && ownDeadLetter(history.data.event, scriptId);
  const tryable = !mayTry
    ? undefined
    : execution.input
      ? { execution: execution.id }
      : own && { deadLetter: own.id };
  return (
    <>
      <Heading
        title={nameOf(execution)}
        back={{ to: href('executions'), title: 'Executions' }}
        beside={<Outcome status={status} kind={errorKind} />}
        actions={
          <>
            <a class="button" href={href(`scripts/${scriptId}`)}>
              <Icon name="scripts" />
              Open the script
            </a>
            {tryable && (
              <a class="button primary" href={href(`scripts/${scriptId}/edit`, tryable)}>
                <Icon name="edit" />
                Try in the editor
              </a>
            )}
          </>
        }
      >
        <p>
          Version {scriptVersion} ran for <Tag>{eventType}</Tag>, attempt {attempt},{' '}
          <When at={execution.finishedAt} />
        </p>
      </Heading>
      {failed && <Failure execution={execution} />}
      <div class="columns">
        <div>
          <Carried execution={execution} letter={own} />
        </div>
        <aside>
          <Section title="Details">
            <Facts
              of={[
                ['Trigger', TRIGGERS[execution.trigger] ?? execution.trigger],
                ...(execution.requestedBy === null ? [] : [['Requested by', execution.requestedBy] as const]),
                ...(execution.replayOf === null
                  ? []
                  : [
                      [
                        'Replay of',
                        <a href={href(`executions/${execution.replayOf}`)}>an earlier execution</a>,
                      ] as const,
                    ]),
                ['Started', <When at={execution.startedAt} full />],
                ['Waited', formatDuration(execution.queueMs)],
                ['Duration', formatDuration(execution.durationMs)],
                ['CPU time', formatDuration(execution.cpuMs)],
                ['Binding calls', execution.bindingCalls],
                ['Published events', execution.publishedEvents],
                ...(execution.depth ? [['Published by a script', afterFirst(execution.depth)] as const] : []),
                ...(execution.actorId === null ? [] : [['Caused by', execution.actorId] as const]),
                ['Execution id', <Id of={execution.id} />],
                ['API request', <CopyCurl path={`executions/${execution.id}`} query={tenant} />],
                ['Event id', <Id of={eventId} what="the event’s id" />],
              ]}
            />
          </Section>
          {own && <OwnDeadLetter letter={own} />}
          {history.data && history.data.causes.length > 0 && (
            <Section title="What led to the event">
              <Causes of={history.data.causes} />
            </Section>
          )}
          {history.data && (
            <Section title="Event history">
              <EventTree node={history.data.event} current={execution.id} />
              {history.data.more && <p class="quiet note">Not everything is shown here.</p>}
            </Section>
          )}
        </aside>
      </div>
    </>
  );
}

function Failure({ execution }: { execution: ExecutionRecord }) {
  const { scriptId, scriptVersion, errorLine, errorMessage, errorStack } = execution;
  const tenant = useTenantQuery();
  const version = useApi<ScriptVersion>({
    path: `scripts/${scriptId}/versions/${scriptVersion}`,
    query: tenant,
    poll: false,
  });
  return (
    <section class="failure" aria-label="What failed">
      <p class="message">{errorMessage}</p>
      {errorLine !== null && version.data && <SourceFrame source={version.data.source} line={errorLine} />}
      {errorLine !== null && version.error?.status === 404 && (
        <p class="quiet">
          On line {errorLine} of version {scriptVersion}, which has been deleted.
        </p>
      )}
      {errorStack && (
        <details>
          <summary>Stack</summary>
          <pre tabIndex={0} role="region" aria-label="Stack">
            {errorStack}
          </pre>
        </details>
      )}
    </section>
  );
}

function Carried({
  execution,
  letter,
}: {
  execution: ExecutionRecord;
  letter: DeadLetterSummary | undefined;
}) {
  const href = useHref();
  const mayData = useMay('data');
  if (!mayData)
    return (
      <Section title="Data">
        <p class="quiet">You don’t have permission to see payloads, results and logs.</p>
      </Section>
    );
  const { input, result, logs = [], logsDropped, status } = execution;
  return (
    <>
      <Section title="Logs">
        {logs.length === 0 && logsDropped === 0 ? (
          <p class="quiet">Nothing was logged.</p>
        ) : (
          <Logs lines={logs} dropped={logsDropped} />
        )}
      </Section>
      {status === 'completed' && (
        <Section title="Result">
          <Json value={result ?? null} label="Result" />
        </Section>
      )}
      <Section title="Payload">
        {input === null || input === undefined ? (
          <p class="quiet">
            Executions don’t keep their payload unless the application sets storage.keepInput.
            {letter && (
              <>
                {' '}
                <a href={href(`dead-letters/${letter.id}`)}>The dead letter has it.</a>
              </>
            )}
          </p>
        ) : (
          <Json value={input} label="Payload" />
        )}
      </Section>
    </>
  );
}

const afterFirst = (depth: number): string =>
  `${depth} ${depth === 1 ? 'execution' : 'executions'} after the first event`;

const ownDeadLetter = (root: EventNode, scriptId: string): DeadLetterSummary | undefined =>
  root.deadLetters.find((one) => one.scriptId === scriptId);

/** The dead letter of this script, and what happens next. */
function OwnDeadLetter({ letter }: { letter: DeadLetterSummary }) {
  const href = useHref();
  return (
    <Section title="Dead letter">
      <p>
        <Badge state={letter.status} /> <WhatComesNext letter={letter} />
      </p>
      <p>
        <a href={href(`dead-letters/${letter.id}`)}>Open the dead letter</a>
      </p>
    </Section>
  );
}
