import { formatDuration } from '../../../common/duration-text';
import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso/router';
import { post } from '../api/client';
import { useApi } from '../api/query';
import type { DeadLetter as Letter, DeadLetterAttempt } from '../api/schema';
import { nameOf } from '../api/names';
import { useHref, useMay, useTenantQuery } from '../session';
import { Ask, Problem, ReasonField, useAct } from '../ui/act';
import { Badge, Tag } from '../ui/badge';
import { CopyCurl, Id } from '../ui/copy';
import { Facts, Section } from '../ui/data';
import { Heading } from '../ui/heading';
import { Json } from '../ui/json';
import { Icon } from '../ui/icons';
import { Loaded } from '../ui/states';
import { When } from '../ui/time';
import { REASONS, WhatComesNext } from './dead-letter-words';
import { FAILURE_KINDS } from './record-filters';

/** One dead letter: what went wrong, what was tried, what comes next. */
export function DeadLetter() {
  const { params } = useRoute();
  const letter = useApi<Letter>({ path: `dead-letters/${params.id ?? ''}`, query: useTenantQuery() });
  return <Loaded result={letter}>{(data) => <Details letter={data} />}</Loaded>;
}

function Details({ letter }: { letter: Letter }) {
  const href = useHref();
  const tenant = useTenantQuery();
  const mayData = useMay('data');
  const mayWrite = useMay('write');
  const { id, scriptId, scriptVersion, eventType, eventId, status, reason, error, attempts, cause } = letter;
  return (
    <>
      <Heading
        title={`Dead letter of ${nameOf(letter)}`}
        back={{ to: href('dead-letters'), title: 'Dead letters' }}
        beside={<Badge state={status} />}
        actions={
          <>
            {mayWrite && mayData && (
              <a class="button" href={href(`scripts/${scriptId}/edit`, { deadLetter: id })}>
                <Icon name="edit" />
                Try in the editor
              </a>
            )}
            <Acts letter={letter} />
          </>
        }
      >
        <p>
          {REASONS[reason]} <WhatComesNext letter={letter} />
        </p>
      </Heading>
      <section class="failure" aria-label="What went wrong">
        <p class="message">{error}</p>
      </section>
      <div class="columns">
        <div>
          <Section title="History">
            <History attempts={attempts as readonly DeadLetterAttempt[]} />
          </Section>
          <Section title="Payload">
            {mayData ? (
              <Json value={letter.payload ?? null} label="Payload" />
            ) : (
              <p class="quiet">You don’t have permission to see payloads.</p>
            )}
          </Section>
        </div>
        <aside>
          <Section title="Details">
            <Facts
              of={[
                ['Script', <a href={href(`scripts/${scriptId}`)}>{nameOf(letter)}</a>],
                ['Version that failed', scriptVersion ?? 'none, nothing ran'],
                ['Event type', <Tag>{eventType}</Tag>],
                ['Reason', reason],
                ...(letter.errorKind === null ? [] : [['Kind', letter.errorKind] as const]),
                ...(letter.errorLine === null ? [] : [['Line', letter.errorLine] as const]),
                ['Retries', `${letter.retryCount} of ${letter.maxRetries}`],
                ['Event time', <When at={letter.occurredAt} full />],
                ['Created', <When at={letter.createdAt} full />],
                ...(letter.alertedAt === null
                  ? []
                  : [['Alerted', <When at={letter.alertedAt} full />] as const]),
                ...(letter.resolvedAt === null
                  ? []
                  : [['Closed', <When at={letter.resolvedAt} full />] as const]),
                ...(letter.note === null ? [] : [['Note', letter.note] as const]),
                ...(letter.actorId === null ? [] : [['Caused by', letter.actorId] as const]),
                ['Dead letter id', <Id of={id} />],
                ['API request', <CopyCurl path={`dead-letters/${id}`} query={tenant} />],
                ['Event id', <Id of={eventId} what="the event’s id" />],
              ]}
            />
          </Section>
          <p>
            <a href={href(`events/${encodeURIComponent(eventId)}`)}>Show the event’s history</a>
          </p>
          {cause.depth > 0 && (
            <p>
              <a href={href(`events/${encodeURIComponent(cause.rootEventId)}`)}>
                Show what led to it, from the first event on
              </a>
            </p>
          )}
        </aside>
      </div>
    </>
  );
}

function Acts({ letter }: { letter: Letter }) {
  const tenant = useTenantQuery();
  const mayOperate = useMay('operate');
  const { busy, error, run } = useAct();
  const [discarding, discard] = useState(false);
  const [note, setNote] = useState('');
  const { id, status } = letter;
  if (!mayOperate || status === 'resolved' || status === 'retrying') return null;
  const replay = (): Promise<boolean> =>
    run(async () => {
      await post(`dead-letters/${id}/replay`, tenant);
      return 'It will run again within seconds';
    });
  return (
    <>
      {status !== 'discarded' && (
        <button type="button" class="button" onClick={() => discard(true)}>
          <Icon name="trash" />
          Discard
        </button>
      )}
      <button type="button" class="button primary" disabled={busy} onClick={() => void replay()}>
        <Icon name="replay" />
        Replay
      </button>
      <Problem error={error} />
      {discarding && (
        <Ask
          title="Discard this dead letter?"
          button="Discard"
          danger
          ready={note.trim() !== ''}
          onClose={() => discard(false)}
          act={async () => {
            await post(`dead-letters/${id}/discard`, tenant, { note: note.trim() });
            return 'The dead letter is discarded';
          }}
        >
          <p>It is kept with your note until retention deletes it. Until then, you can still replay it.</p>
          <ReasonField title="Why is it no longer needed?" value={note} onChange={setNote} />
        </Ask>
      )}
    </>
  );
}

const History = ({ attempts }: { attempts: readonly DeadLetterAttempt[] }) => (
  <ol class="history">
    {attempts.map(({ at, kind, message, durationMs, trigger, by }, position) => (
      <li key={position}>
        <span
          class={`dot ${kind === 'completed' ? 'good' : KNOWN.has(kind) ? 'bad' : 'quiet'}`}
          aria-hidden="true"
        />
        <div>
          <p>
            <strong>{KNOWN.has(kind) ? `failed: ${kind}` : kind}</strong>
            <span class="quiet">
              {' '}
              {trigger}
              {by && ` by ${by}`}
              {durationMs > 0 && `, ${formatDuration(durationMs)}`}
            </span>
          </p>
          {message && <p class="quiet">{message}</p>}
        </div>
        <When at={at} />
      </li>
    ))}
    {attempts.length === 0 && <li>Nothing has run yet.</li>}
  </ol>
);

/** Other entries are acts of people or of the alerting. */
const KNOWN: ReadonlySet<string> = new Set(FAILURE_KINDS);
