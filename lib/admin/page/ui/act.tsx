import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError, isAbout } from '../api/client';
import { refresh } from '../api/query';
import { announce } from './announce';
import { Dialog } from './dialog';

/** An action that runs once at a time, and its error. */
export interface Act {
  busy: boolean;
  error: ApiError | null;
  /** Resolves to true on success. */
  run: (act: () => Promise<string | undefined>) => Promise<boolean>;
}

/** Runs an action, announces its text and refreshes; keeps an error to show. */
export function useAct(): Act {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const run: Act['run'] = async (act) => {
    setBusy(true);
    setError(null);
    try {
      const done = await act();
      if (done !== undefined) announce(done);
      await refresh();
      return true;
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run };
}

/** An error, with its issues. */
export const Problem = ({ error }: { error: ApiError | null }) =>
  error && (
    <div class="problem" role="alert">
      <p>
        {error.passing
          ? 'The application or its database isn’t responding. Try again in a moment.'
          : error.message}
      </p>
      {error.issues.length > 1 && (
        <ul>
          {error.issues.map(({ path, message }) => (
            <li key={path + message}>
              {path && <code>{path}</code>} {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );

/** The API's message on a field. */
export type Said = (field: string) => string | undefined;

/**
 * A dialog that asks before it acts. It closes on success. The fields in `fields` show their own problems; the dialog
 * shows all others below them.
 */
export function Ask({
  title,
  button,
  dismiss = 'Cancel',
  danger,
  wide = false,
  ready = true,
  fields = [],
  act,
  onClose,
  children,
}: {
  title: string;
  button: string;
  /** The button that changes nothing. Default “Cancel”. */
  dismiss?: string;
  danger?: boolean | undefined;
  wide?: boolean;
  ready?: boolean;
  /** Fields whose problems the children show. */
  fields?: readonly string[];
  act: () => Promise<string | undefined>;
  onClose: () => void;
  children: ComponentChildren | ((said: Said) => ComponentChildren);
}) {
  const { busy, error, run } = useAct();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await run(act)) onClose();
  };
  const issues = error?.issues ?? [];
  const said: Said = (field) => issues.find((issue) => isAbout(issue, field))?.message;
  const shownThere =
    issues.length > 0 && issues.every((issue) => fields.some((field) => isAbout(issue, field)));
  return (
    <Dialog title={title} wide={wide} onClose={onClose}>
      <form class="ask" onSubmit={(event) => void submit(event)}>
        {typeof children === 'function' ? children(said) : children}
        {shownThere ? (
          <p class="problem" role="alert">
            Nothing was saved. Correct what is marked above.
          </p>
        ) : (
          <Problem error={error} />
        )}
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            {dismiss}
          </button>
          <button type="submit" class={danger ? 'button danger' : 'button primary'} disabled={busy || !ready}>
            {busy ? 'Working…' : button}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export const Field = ({
  title,
  hint,
  problem,
  children,
}: {
  title: string;
  hint?: ComponentChildren;
  problem?: string | undefined;
  children: ComponentChildren;
}) => (
  <label class="field">
    <span class="field-title">{title}</span>
    {children}
    {hint && <small>{hint}</small>}
    {problem && <small class="field-problem">{problem}</small>}
  </label>
);

/** The API's limit. */
const LONGEST_REASON = 2_000;

export const ReasonField = ({
  title,
  hint,
  value,
  onChange,
}: {
  title: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
}) => (
  <Field title={title} hint={hint}>
    <input
      value={value}
      maxLength={LONGEST_REASON}
      onInput={({ currentTarget }) => onChange(currentTarget.value)}
    />
  </Field>
);

/** Asks to type the name of what is deleted. */
export const Confirm = ({
  text,
  typed,
  onChange,
}: {
  text: string;
  typed: string;
  onChange: (typed: string) => void;
}) => (
  <Field title={`Type ${text} to confirm`}>
    <input
      value={typed}
      autocomplete="off"
      spellcheck={false}
      onInput={({ currentTarget }) => onChange(currentTarget.value)}
    />
  </Field>
);

/** A button in a row. Screen readers read the row's name. */
export const ActButton = ({
  title,
  of,
  disabled,
  onClick,
}: {
  title: string;
  of: string;
  disabled?: boolean;
  onClick: () => void;
}) => (
  <button
    type="button"
    class="button small"
    aria-label={`${title}: ${of}`}
    disabled={disabled}
    onClick={onClick}
  >
    {title}
  </button>
);
