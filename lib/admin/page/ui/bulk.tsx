import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import { refresh } from '../api/query';
import { Field, Problem } from './act';
import { announce } from './announce';
import { Dialog } from './dialog';
import { Loading } from './states';

/** Records changed by one request, few enough to show progress. */
const AT_ONCE = 200;
/** Above it, people type the number. */
const MANY = 100;

export interface Counted {
  matched: number;
  /** Whether more match than were counted. */
  more: boolean;
}

/** Shows how many records match, then acts on them. */
export function Bulk({
  title,
  button,
  one,
  many,
  done: doneWord,
  danger,
  ready = true,
  count,
  act,
  onClose,
  children,
}: {
  title: string;
  button: string;
  /** Words for one record and for several. */
  one: string;
  many: string;
  /** What has been done with them, such as “discarded”. */
  done: string;
  danger?: boolean;
  ready?: boolean;
  count: () => Promise<Counted>;
  /** Changes at most `limit`; resolves to how many. */
  act: (limit: number) => Promise<number>;
  onClose: () => void;
  children: (counted: Counted, number: string) => ComponentChildren;
}) {
  const [counted, setCounted] = useState<Counted | null>(null);
  const [typed, setTyped] = useState('');
  const [done, setDone] = useState<number | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const stopped = useRef(false);

  useEffect(() => {
    count().then(setCounted, (failure: ApiError) => setError(failure));
  }, []);

  const run = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!counted) return;
    setError(null);
    let changed = done ?? 0;
    setDone(changed);
    try {
      while (changed < counted.matched && !stopped.current) {
        const more = await act(Math.min(AT_ONCE, counted.matched - changed));
        if (more === 0) break;
        changed += more;
        setDone(changed);
      }
      announce(`${changed.toLocaleString('en')} ${changed === 1 ? one : many} ${doneWord}`);
      await refresh();
      onClose();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      // Changes so far stay; another try does the rest.
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
  return (
    <Dialog title={title} onClose={close}>
      <form class="ask" onSubmit={(event) => void run(event)}>
        {!counted && !error && <Loading rows={1} />}
        {counted && (
          <>
            {children(counted, number)}
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
              {done.toLocaleString('en')} of {number} {doneWord}
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
            class={danger ? 'button danger' : 'button primary'}
            disabled={matched === 0 || working || !confirmed || !ready}
          >
            {button} {matched > 0 ? number : ''}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
