import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, post } from '../api/client';
import { refresh } from '../api/query';
import type { BulkResult } from '../api/schema';
import { useTenantQuery } from '../session';
import { Field, Problem, ReasonField } from '../ui/act';
import { announce } from '../ui/announce';
import { Dialog } from '../ui/dialog';
import { Loading } from '../ui/states';

/** As many are changed by one request, so that a person sees it go on. */
const AT_ONCE = 200;
/** From here on the number is typed. */
const MANY = 100;

interface Props {
  act: 'replay' | 'discard';
  filter: Readonly<Record<string, unknown>>;
  onClose: () => void;
}

const WORDS = {
  replay: { title: 'Replay dead letters', button: 'Replay', done: 'replayed', path: 'dead-letters/replays' },
  discard: {
    title: 'Discard dead letters',
    button: 'Discard',
    done: 'discarded',
    path: 'dead-letters/discards',
  },
} as const;

/** Does something with all dead letters that match the list's filter, once it is said how many that are. */
export function BulkDialog({ act, filter, onClose }: Props) {
  const words = WORDS[act];
  const tenant = useTenantQuery();
  const [counted, setCounted] = useState<BulkResult | null>(null);
  const [note, setNote] = useState('');
  const [typed, setTyped] = useState('');
  const [done, setDone] = useState<number | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const stopped = useRef(false);
  const send = (more: object): Promise<BulkResult> =>
    post<BulkResult>(words.path, tenant, {
      filter,
      ...(act === 'discard' ? { note: note.trim() || 'counted' } : {}),
      ...more,
    });

  useEffect(() => {
    send({ dryRun: true }).then(setCounted, (failure: ApiError) => setError(failure));
  }, []);

  const run = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!counted) return;
    setError(null);
    let changed = done ?? 0;
    setDone(changed);
    try {
      while (changed < counted.matched && !stopped.current) {
        const result = await send({ limit: Math.min(AT_ONCE, counted.matched - changed) });
        if (result.changed === 0) break;
        changed += result.changed;
        setDone(changed);
      }
      announce(
        `${changed.toLocaleString('en')} ${changed === 1 ? 'dead letter' : 'dead letters'} ${words.done}`,
      );
      await refresh();
      onClose();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      // What is done is done; the same again does the rest.
      setError(failure);
    }
  };

  const close = (): void => {
    stopped.current = true;
    onClose();
  };

  const matched = counted?.matched ?? 0;
  const number = `${matched.toLocaleString('en')}${counted?.more ? '+' : ''}`;
  const working = done !== null && error === null;
  const confirmed = matched <= MANY || typed.replace(/\D/g, '') === String(matched);
  const ready = matched > 0 && !working && confirmed && (act === 'replay' || note.trim() !== '');
  return (
    <Dialog title={words.title} onClose={close}>
      <form class="ask" onSubmit={(event) => void run(event)}>
        {!counted && !error && <Loading rows={1} />}
        {counted && (
          <>
            <p>
              <strong>{number}</strong> {matched === 1 ? 'dead letter matches' : 'dead letters match'} the
              list’s filter.{counted.more ? ' Only the oldest 10,000 are included.' : ''}{' '}
              {act === 'replay'
                ? 'Each runs again within seconds, on the current version of its script. Those that fail again stay in this list.'
                : 'They are kept with your note until retention deletes them. Until then, you can still replay them.'}
            </p>
            {act === 'discard' && (
              <ReasonField title="Why are they no longer needed?" value={note} onChange={setNote} />
            )}
            {matched > MANY && (
              <Field title={`Type ${matched} to confirm`}>
                <input
                  value={typed}
                  inputMode="numeric"
                  autocomplete="off"
                  onInput={({ currentTarget }) => setTyped(currentTarget.value)}
                />
              </Field>
            )}
          </>
        )}
        {done !== null && (
          <label class="progress">
            <span aria-live="polite">
              {done.toLocaleString('en')} of {number} {words.done}
            </span>
            <progress value={done} max={Math.max(1, matched)} />
          </label>
        )}
        <Problem error={error} />
        <div class="actions">
          <button type="button" class="button" onClick={close}>
            {working ? 'Stop' : 'Cancel'}
          </button>
          <button
            type="submit"
            class={act === 'discard' ? 'button danger' : 'button primary'}
            disabled={!ready}
          >
            {words.button} {matched > 0 ? number : ''}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
