import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso/router';
import { post } from '../api/client';
import { useApi } from '../api/query';
import type { DeadLetter as Letter, DeadLetterAttempt } from '../api/schema';
import { useScriptNames } from '../api/names';
import { useHref, useMay, useTenantQuery } from '../session';
import { Ask, Field, Problem, useAct } from '../ui/act';
import { Badge, Tag } from '../ui/badge';
import { CopyCurl, Id } from '../ui/copy';
import { Facts, Json, Section } from '../ui/data';
import { Heading } from '../ui/heading';
import { Icon } from '../ui/icons';
import { Loaded } from '../ui/states';
import { duration, When } from '../ui/time';
import { REASONS, WhatComesNext } from './dead-letter-words';

/** One dead letter: what went wrong, what was tried, what comes next. */
export function DeadLetter() {
  const { params } = useRoute();
  const letter = useApi<Letter>({ path: `dead-letters/${params.id ?? ''}`, query: useTenantQuery() });
  return <Loaded result={letter}>{(data) => <Details letter={data} />}</Loaded>;
}

function Details({ letter }: { letter: Letter }) {
  const href = useHref();
  const nameOf = useScriptNames();
  const tenant = useTenantQuery();
  const mayData = useMay('data');
  const mayWrite = useMay('write');
  const { id, scriptId, scriptVersion, eventType, eventId, status, reason, error, attempts } = letter;
  return (
    <>
      <Heading
        title={`Dead letter of ${nameOf(scriptId)}`}
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
          <WhatComesNext letter={letter} />. {REASONS[reason]}
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
              <p class="quiet">Your session doesn’t show payloads.</p>
            )}
          </Section>
        </div>
        <aside>
          <Section title="Facts">
            <Facts
              of={[
                ['Script', <a href={href(`scripts/${scriptId}`)}>{nameOf(scriptId)}</a>],
                ['Version that failed', scriptVersion ?? 'none ran'],
                ['Event', <Tag>{eventType}</Tag>],
                ['Reason', reason],
                ...(letter.errorKind === null ? [] : [['Kind', letter.errorKind] as const]),
                ['Retries', `${letter.retryCount} of ${letter.maxRetries}`],
                ['Happened', <When at={letter.occurredAt} full />],
                ['Made', <When at={letter.createdAt} full />],
                ...(letter.alertedAt === null
                  ? []
                  : [['Alerted', <When at={letter.alertedAt} full />] as const]),
                ...(letter.resolvedAt === null
                  ? []
                  : [['Closed', <When at={letter.resolvedAt} full />] as const]),
                ...(letter.note === null ? [] : [['Note', letter.note] as const]),
                ...(letter.actorId === null ? [] : [['Caused by', letter.actorId] as const]),
                ['Dead letter', <Id of={id} />],
                ['From the API', <CopyCurl path={`dead-letters/${id}`} query={tenant} />],
                ['Event id', <Id of={eventId} what="the event’s id" />],
              ]}
            />
          </Section>
          <p>
            <a href={href(`events/${encodeURIComponent(eventId)}`)}>All of this event</a>
          </p>
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
      return 'It runs again within seconds';
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
          title="Discard the dead letter?"
          button="Discard"
          danger
          ready={note.trim() !== ''}
          onClose={() => discard(false)}
          act={async () => {
            await post(`dead-letters/${id}/discard`, tenant, { note: note.trim() });
            return 'It is discarded';
          }}
        >
          <p>
            Its event is given up. It is kept with your note, and can be replayed, until it is deleted by its
            age.
          </p>
          <Field title="Why does nobody need it any more?">
            <input
              value={note}
              maxLength={2_000}
              onInput={({ currentTarget }) => setNote(currentTarget.value)}
            />
          </Field>
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
            <strong>{kind}</strong>
            <span class="quiet">
              {' '}
              {trigger}
              {by && ` by ${by}`}
              {durationMs > 0 && `, ${duration(durationMs)}`}
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

/** Kinds of failures; other entries are acts of people or of the alerting. */
const KNOWN = new Set(['timeout', 'memory', 'syntax', 'runtime', 'rejected', 'crashed', 'cancelled']);
