import { useState } from 'preact/hooks';
import { useApi } from '../api/query';
import type { Bindings, EventTypes } from '../api/schema';
import { useSession } from '../session';
import { Field } from '../ui/act';
import { Chips } from '../ui/chips';
import type { Draft } from './edit-draft';

interface Props {
  draft: Draft;
  types: EventTypes['items'];
  change: (some: Partial<Draft>) => void;
  /** What the API says of a field. */
  said: (name: string) => string | undefined;
}

/** What is folded away, until the API says something of it. */
const FOLDED = [
  'language',
  'bindings',
  'limits',
  'maxConcurrency',
  'runsPerMinute',
  'orderingKey',
  'onOrderedFailure',
];

type LimitName = 'timeoutMs' | 'memoryMb' | 'maxConcurrency' | 'runsPerMinute';

export function Settings({ draft, types, change, said }: Props) {
  const { application } = useSession();
  // Where nothing keeps order, the API takes no key; one from before can still be removed.
  const [had] = useState(draft.orderingKey !== '');
  const keepsOrder = application.keepsOrder || had;
  const limit = (title: string, name: LimitName, path: string, none: number | string) => (
    <Field title={title} problem={said(path)}>
      <input
        inputMode="numeric"
        value={draft[name]}
        placeholder={String(none)}
        onInput={({ currentTarget }) => change({ [name]: currentTarget.value })}
      />
    </Field>
  );
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
        <Field title="Description" problem={said('description')}>
          <input
            value={draft.description}
            maxLength={2_000}
            placeholder="Optional"
            onInput={({ currentTarget }) => change({ description: currentTarget.value })}
          />
        </Field>
      </div>
      <Chips
        title="Listens to"
        add="Add an event type"
        remove="Stop listening to"
        placeholder="Add a type"
        items={draft.eventTypes}
        offered={types.map(({ type }) => type)}
        problem={said('eventTypes')}
        onChange={(eventTypes) => change({ eventTypes })}
      />
      <details open={FOLDED.some((name) => said(name) !== undefined)}>
        <summary>
          {keepsOrder ? 'Language, bindings, limits and order' : 'Language, bindings and limits'}
        </summary>
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
          {limit('Time limit in milliseconds', 'timeoutMs', 'limits.timeoutMs', application.timeoutMs)}
          {limit('Memory limit in megabytes', 'memoryMb', 'limits.memoryMb', application.memoryMb)}
          {limit('Runs at the same time', 'maxConcurrency', 'maxConcurrency', 'No limit of its own')}
          {limit('Runs per minute', 'runsPerMinute', 'runsPerMinute', 'No limit')}
          {keepsOrder && (
            <>
              <Field title="Order events by" problem={said('orderingKey')}>
                <input
                  value={draft.orderingKey}
                  maxLength={200}
                  placeholder="A field, such as clientId"
                  autocomplete="off"
                  spellcheck={false}
                  onInput={({ currentTarget }) => change({ orderingKey: currentTarget.value })}
                />
              </Field>
              <Field title="After a failure, later events" problem={said('onOrderedFailure')}>
                <select
                  value={draft.onOrderedFailure}
                  disabled={draft.orderingKey.trim() === ''}
                  onChange={({ currentTarget }) =>
                    change({ onOrderedFailure: currentTarget.value as Draft['onOrderedFailure'] })
                  }
                >
                  <option value="block">wait until it is resolved</option>
                  <option value="skip">go on without it</option>
                </select>
              </Field>
            </>
          )}
        </div>
        <BindingsField draft={draft} change={change} problem={said('bindings')} />
      </details>
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
      <legend>Bindings that it may call</legend>
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
