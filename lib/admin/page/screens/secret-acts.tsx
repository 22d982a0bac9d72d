import { useState } from 'preact/hooks';
import { post, request } from '../api/client';
import { useApi } from '../api/query';
import type { Bindings, Secret } from '../api/schema';
import { useTenantQuery } from '../session';
import { Ask, Confirm, Field, type Said } from '../ui/act';
import { Chips } from '../ui/chips';
import { ScriptsWith } from './scripts-with';

interface OfSecret {
  secret: Secret;
  onClose: () => void;
}

/** The API's length limits. */
const LONGEST_NAME = 64;
const LONGEST_VALUE = 8_192;
const LONGEST_DESCRIPTION = 2_000;
/** The binding that checks the hosts of a secret itself, so people need not choose it. */
const FETCH = 'http.fetch';

export function NewSecret({ onClose }: { onClose: () => void }) {
  const tenant = useTenantQuery();
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const [use, setUse] = useState<Use>({ description: '', hosts: [], bindings: [] });
  const act = async (): Promise<string> => {
    await post('secrets', tenant, { name: name.trim(), value, ...bodyOf(use) });
    return `${name.trim()} is saved. Scripts that list it may use it`;
  };
  return (
    <Ask
      title="New secret"
      button="Create"
      ready={name.trim() !== '' && value !== ''}
      fields={['name', 'value', ...USE_FIELDS]}
      act={act}
      onClose={onClose}
    >
      {(said) => (
        <>
          <Field
            title="Name"
            hint="Letters, digits and _. Scripts write secrets.name."
            problem={said('name')}
          >
            <input
              value={name}
              maxLength={LONGEST_NAME}
              autocomplete="off"
              spellcheck={false}
              onInput={({ currentTarget }) => setName(currentTarget.value)}
            />
          </Field>
          <ValueField title="Value" value={value} problem={said('value')} onChange={setValue} />
          <UseFields use={use} said={said} onChange={setUse} />
        </>
      )}
    </Ask>
  );
}

/** Rotates a secret: sets a new value for the same use. */
export function NewValue({ secret: { name }, onClose }: OfSecret) {
  const tenant = useTenantQuery();
  const [value, setValue] = useState('');
  const act = async (): Promise<string> => {
    await request(`secrets/${name}`, { method: 'PATCH', query: tenant, body: { value } });
    return `${name} has a new value`;
  };
  return (
    <Ask
      title={`New value for ${name}`}
      button="Replace"
      ready={value !== ''}
      fields={['value']}
      act={act}
      onClose={onClose}
    >
      {(said) => (
        <>
          <p>
            It replaces the present value from the next run on. Runs that have begun end with the one they
            began with.
          </p>
          <ValueField title="New value" value={value} problem={said('value')} onChange={setValue} />
        </>
      )}
    </Ask>
  );
}

export function EditSecret({ secret, onClose }: OfSecret) {
  const { name, description, hosts, bindings } = secret;
  const tenant = useTenantQuery();
  const [use, setUse] = useState<Use>({ description: description ?? '', hosts, bindings });
  const act = async (): Promise<string> => {
    await request(`secrets/${name}`, { method: 'PATCH', query: tenant, body: bodyOf(use) });
    return `${name} is changed`;
  };
  return (
    <Ask title={`Edit ${name}`} button="Save" fields={USE_FIELDS} act={act} onClose={onClose}>
      {(said) => <UseFields use={use} said={said} onChange={setUse} />}
    </Ask>
  );
}

export function DeleteSecret({ secret: { name }, onClose }: OfSecret) {
  const tenant = useTenantQuery();
  const [typed, setTyped] = useState('');
  const act = async (): Promise<string> => {
    await request(`secrets/${name}`, { method: 'DELETE', query: tenant });
    return `${name} is deleted`;
  };
  return (
    <Ask
      title={`Delete ${name}?`}
      button="Delete permanently"
      danger
      ready={typed === name}
      act={act}
      onClose={onClose}
    >
      <p>Scripts that use it fail from the next run on, and its value is lost. This can’t be undone.</p>
      <ScriptsWith query={{ secret: name }} none="No script names it." />
      <Confirm text={name} typed={typed} onChange={setTyped} />
    </Ask>
  );
}

/** What a secret is for, and where it may go. */
interface Use {
  description: string;
  hosts: readonly string[];
  bindings: readonly string[];
}

const USE_FIELDS = ['description', 'hosts', 'bindings'];

const bodyOf = ({ description, hosts, bindings }: Use): object => ({
  description: description.trim() || null,
  hosts,
  bindings,
});

/**
 * A field for a secret's value. It takes several lines, because a private key has some, and hides what is typed. The
 * browser neither stores the value nor sends it to a spelling check.
 */
function ValueField({
  title,
  value,
  problem,
  onChange,
}: {
  title: string;
  value: string;
  problem: string | undefined;
  onChange: (value: string) => void;
}) {
  const [shown, show] = useState(false);
  const space =
    value.trim() === value
      ? undefined
      : 'It begins or ends with a space or a line break, which becomes part of the value.';
  return (
    <>
      <Field
        title={title}
        hint="8 characters or more. Nobody can read it after you save it, you included."
        problem={problem ?? space}
      >
        <textarea
          class={shown ? 'secret-value' : 'secret-value hidden-value'}
          rows={2}
          value={value}
          maxLength={LONGEST_VALUE}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
        />
      </Field>
      <label class="check">
        <input type="checkbox" checked={shown} onChange={() => show(!shown)} />
        Show what I type
      </label>
    </>
  );
}

function UseFields({ use, said, onChange }: { use: Use; said: Said; onChange: (use: Use) => void }) {
  return (
    <>
      <Field title="Description" problem={said('description')}>
        <input
          value={use.description}
          maxLength={LONGEST_DESCRIPTION}
          placeholder="Optional"
          onInput={({ currentTarget }) => onChange({ ...use, description: currentTarget.value })}
        />
      </Field>
      <Chips
        title="Hosts it may be sent to"
        add="Add a host"
        remove="Don’t send it to"
        placeholder="api.example.com"
        hint="Full names. http.fetch refuses a request with this secret to any other host."
        items={use.hosts}
        problem={said('hosts')}
        onChange={(hosts) => onChange({ ...use, hosts })}
      />
      <BindingChoice
        chosen={use.bindings}
        problem={said('bindings')}
        onChange={(bindings) => onChange({ ...use, bindings })}
      />
    </>
  );
}

/** Bindings that take secrets, and those already chosen. */
function BindingChoice({
  chosen,
  problem,
  onChange,
}: {
  chosen: readonly string[];
  problem: string | undefined;
  onChange: (bindings: readonly string[]) => void;
}) {
  const bindings = useApi<Bindings>({ path: 'bindings', poll: false });
  const taking = (bindings.data?.items ?? []).filter(({ name, secrets }) => secrets && name !== FETCH);
  const names = [...new Set([...taking.map(({ name }) => name), ...chosen])].toSorted();
  if (names.length === 0) return null;
  return (
    <fieldset class="choices">
      <legend>Bindings that may have it</legend>
      {names.map((name) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={chosen.includes(name)}
            onChange={() =>
              onChange(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name])
            }
          />
          <code>{name}</code>
        </label>
      ))}
      {problem && <small class="field-problem">{problem}</small>}
    </fieldset>
  );
}
