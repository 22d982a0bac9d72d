import { useState } from 'preact/hooks';
import { useApi } from '../api/query';
import type { Bindings, EventTypes, Secrets } from '../api/schema';
import { useHref, useSession, useTenantQuery } from '../session';
import { Field } from '../ui/act';
import { Chips } from '../ui/chips';
import type { Draft } from './edit-draft';
import { SchedulesField } from './edit-schedules';

interface Props {
  draft: Draft;
  types: EventTypes['items'];
  change: (some: Partial<Draft>) => void;
  /** The API's message on a field. */
  said: (name: string) => string | undefined;
}

/** Fields that are folded until one has a problem. */
const FOLDED = [
  'language',
  'bindings',
  'secrets',
  'limits',
  'maxConcurrency',
  'runsPerMinute',
  'orderingKey',
  'onOrderedFailure',
];

type LimitName = 'timeoutMs' | 'memoryMb' | 'maxConcurrency' | 'runsPerMinute';

export function Settings({ draft, types, change, said }: Props) {
  const { application } = useSession();
  // If the application keeps no order, the API refuses a key; an old one can be removed.
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
      <SchedulesField
        schedules={draft.schedules}
        said={said}
        onChange={(schedules) => change({ schedules })}
      />
      <details open={FOLDED.some((name) => said(name) !== undefined)}>
        <summary>
          {[
            'Language',
            'bindings',
            ...(application.keepsSecrets ? ['secrets'] : []),
            keepsOrder ? 'limits and order' : 'and limits',
          ]
            .join(', ')
            .replace(', and', ' and')}
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
        {application.keepsSecrets && <SecretsField draft={draft} change={change} problem={said('secrets')} />}
      </details>
    </div>
  );
}

function BindingsField({ draft, change, problem }: ListProps) {
  const bindings = useApi<Bindings>({ path: 'bindings', poll: false });
  const items = bindings.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Choices
      title="Bindings that it may call"
      items={items}
      chosen={draft.bindings}
      problem={problem}
      onChange={(chosen) => change({ bindings: chosen })}
    />
  );
}

function SecretsField({ draft, change, problem }: ListProps) {
  const href = useHref();
  const secrets = useApi<Secrets>({ path: 'secrets', query: useTenantQuery() });
  const listed = secrets.data?.items ?? [];
  // Shows deleted secrets, so that the author can remove them.
  const [named] = useState(draft.secrets);
  const gone = named.filter((name) => !listed.some((one) => one.name === name));
  const items = [...listed, ...gone.map((name) => ({ name, description: secrets.data ? 'deleted' : null }))];
  if (items.length === 0)
    return (
      <p class="quiet note">
        There are no secrets that it could use. <a href={href('secrets')}>Create one</a>
      </p>
    );
  return (
    <Choices
      title="Secrets that it may use"
      items={items}
      chosen={draft.secrets}
      problem={problem}
      onChange={(chosen) => change({ secrets: chosen })}
    />
  );
}

type ListProps = Pick<Props, 'draft' | 'change'> & { problem: string | undefined };

/** Checkboxes for what a script may use. */
function Choices({
  title,
  items,
  chosen,
  problem,
  onChange,
}: {
  title: string;
  items: readonly { name: string; description: string | null }[];
  chosen: readonly string[];
  problem: string | undefined;
  onChange: (chosen: readonly string[]) => void;
}) {
  const toggle = (name: string): void =>
    onChange(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  return (
    <fieldset class="choices">
      <legend>{title}</legend>
      {items.map(({ name, description }) => (
        <label key={name}>
          <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} />
          <code>{name}</code>
          {description && <small>{description}</small>}
        </label>
      ))}
      {problem && <small class="field-problem">{problem}</small>}
    </fieldset>
  );
}
