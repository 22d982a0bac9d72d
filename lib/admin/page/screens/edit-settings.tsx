import { useState } from 'preact/hooks';
import { useApi } from '../api/query';
import type { Bindings, EventTypes } from '../api/schema';
import { useSession } from '../session';
import { Field } from '../ui/act';
import { Icon } from '../ui/icons';
import type { Draft } from './edit-draft';

interface Props {
  draft: Draft;
  types: EventTypes['items'];
  change: (some: Partial<Draft>) => void;
  /** What the API says of a field. */
  said: (name: string) => string | undefined;
}

export function Settings({ draft, types, change, said }: Props) {
  const { application } = useSession();
  return (
    <div class="card padded edit-settings">
      <div class="pair">
        <Field title="Name" problem={said('name')}>
          <input
            value={draft.name}
            maxLength={200}
            onInput={({ currentTarget }) => change({ name: currentTarget.value })}
          />
        </Field>
        <Field title="What it is for" problem={said('description')}>
          <input
            value={draft.description}
            maxLength={2_000}
            placeholder="Optional"
            onInput={({ currentTarget }) => change({ description: currentTarget.value })}
          />
        </Field>
      </div>
      <EventTypesField draft={draft} types={types} change={change} problem={said('eventTypes')} />
      <details>
        <summary>Language, bindings and limits</summary>
        <div class="pair">
          <Field title="Language" problem={said('language')}>
            <select
              value={draft.language}
              onChange={({ currentTarget }) => change({ language: currentTarget.value as Draft['language'] })}
            >
              <option value="javascript">JavaScript</option>
              <option value="typescript">TypeScript</option>
            </select>
          </Field>
          <Field title="Most milliseconds of a run" problem={said('limits.timeoutMs')}>
            <input
              inputMode="numeric"
              value={draft.timeoutMs}
              placeholder={String(application.timeoutMs)}
              onInput={({ currentTarget }) => change({ timeoutMs: currentTarget.value })}
            />
          </Field>
          <Field title="Most megabytes of memory" problem={said('limits.memoryMb')}>
            <input
              inputMode="numeric"
              value={draft.memoryMb}
              placeholder={String(application.memoryMb)}
              onInput={({ currentTarget }) => change({ memoryMb: currentTarget.value })}
            />
          </Field>
        </div>
        <BindingsField draft={draft} change={change} problem={said('bindings')} />
      </details>
    </div>
  );
}

/** Types as they are chosen: those of the application, and any that scripts publish. */
function EventTypesField({
  draft,
  types,
  change,
  problem,
}: Pick<Props, 'draft' | 'types' | 'change'> & { problem: string | undefined }) {
  const [text, setText] = useState('');
  const add = (): void => {
    const type = text.trim();
    if (type && !draft.eventTypes.includes(type)) change({ eventTypes: [...draft.eventTypes, type] });
    setText('');
  };
  return (
    <div class="field">
      <span class="field-title" id="event-types">
        Listens to
      </span>
      <ul class="chips" aria-labelledby="event-types">
        {draft.eventTypes.map((type) => (
          <li key={type}>
            <code>{type}</code>
            <button
              type="button"
              aria-label={`Stop listening to ${type}`}
              onClick={() => change({ eventTypes: draft.eventTypes.filter((one) => one !== type) })}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
        <li class="chip-input">
          <input
            aria-label="Add an event type"
            list="known-types"
            value={text}
            placeholder="Add a type"
            onInput={({ currentTarget }) => setText(currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return;
              event.preventDefault();
              add();
            }}
            onChange={add}
          />
          <datalist id="known-types">
            {types.map(({ type }) => (
              <option key={type} value={type} />
            ))}
          </datalist>
        </li>
      </ul>
      {problem && <small class="field-problem">{problem}</small>}
    </div>
  );
}

function BindingsField({
  draft,
  change,
  problem,
}: Pick<Props, 'draft' | 'change'> & { problem: string | undefined }) {
  const bindings = useApi<Bindings>({ path: 'bindings', poll: false });
  const items = bindings.data?.items ?? [];
  if (items.length === 0) return null;
  const toggle = (name: string): void => {
    const on = draft.bindings.includes(name);
    change({ bindings: on ? draft.bindings.filter((one) => one !== name) : [...draft.bindings, name] });
  };
  return (
    <fieldset class="choices">
      <legend>Bindings it may call</legend>
      {items.map(({ name, description }) => (
        <label key={name}>
          <input type="checkbox" checked={draft.bindings.includes(name)} onChange={() => toggle(name)} />
          <code>{name}</code>
          {description && <small>{description}</small>}
        </label>
      ))}
      {problem && <small class="field-problem">{problem}</small>}
    </fieldset>
  );
}
