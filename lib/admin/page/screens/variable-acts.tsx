import { useState } from 'preact/hooks';
import { request } from '../api/client';
import type { Variable } from '../api/schema';
import type { JsonValue } from '../editor';
import { useTenantQuery } from '../session';
import { Ask, Confirm, Field } from '../ui/act';
import { JsonField } from '../ui/mounted';

interface OfVariable {
  variable: Variable;
  onClose: () => void;
}

/** As the API takes it. */
const LONGEST_NAME = 64;

export function NewVariable({ names, onClose }: { names: readonly string[]; onClose: () => void }) {
  const tenant = useTenantQuery();
  const [typed, setTyped] = useState('');
  const [value, setValue] = useState<JsonValue | undefined>('');
  const name = typed.trim();
  const taken = names.includes(name);
  const act = async (): Promise<string> => {
    await request('variables', { method: 'PATCH', query: tenant, body: { values: { [name]: value } } });
    return `${name} is set. Runs that begin now read it`;
  };
  return (
    <Ask
      title="New variable"
      button="Create"
      ready={name !== '' && !taken && value !== undefined}
      act={act}
      onClose={onClose}
    >
      <Field
        title="Name"
        hint="Letters, digits and _. Scripts write vars.name."
        problem={taken ? `${name} is there already. Edit it, or choose another name.` : undefined}
      >
        <input
          value={typed}
          maxLength={LONGEST_NAME}
          autocomplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </Field>
      <ValueField first="" value={value} onChange={setValue} />
    </Ask>
  );
}

export function EditVariable({ variable, onClose }: OfVariable) {
  // The list goes on asking: what is edited is the version that was opened.
  const [opened] = useState(variable);
  const { name, version } = opened;
  const tenant = useTenantQuery();
  const [value, setValue] = useState<JsonValue | undefined>(opened.value as JsonValue);
  const act = async (): Promise<string> => {
    const body = { value, baseVersion: version };
    await request(`variables/${name}`, { method: 'PATCH', query: tenant, body });
    return `${name} is changed. Runs that begin now read the new value`;
  };
  return (
    <Ask title={`Edit ${name}`} button="Save" ready={value !== undefined} act={act} onClose={onClose}>
      <ValueField first={opened.value as JsonValue} value={value} onChange={setValue} />
    </Ask>
  );
}

const ValueField = ({
  first,
  value,
  onChange,
}: {
  first: JsonValue;
  value: JsonValue | undefined;
  onChange: (value: JsonValue | undefined) => void;
}) => (
  <JsonField
    title="Value"
    hint={'JSON of up to 16 KiB, such as "eu", 12.5, true or ["a", "b"].'}
    problem={value === undefined ? 'This is not JSON yet. Text stands in double quotes.' : undefined}
    value={first}
    onChange={onChange}
  />
);

export function DeleteVariable({ variable, onClose }: OfVariable) {
  const [{ name, version }] = useState(variable);
  const tenant = useTenantQuery();
  const [typed, setTyped] = useState('');
  const act = async (): Promise<string> => {
    const query = { ...tenant, baseVersion: version };
    await request(`variables/${name}`, { method: 'DELETE', query });
    return `${name} is deleted`;
  };
  return (
    <Ask title={`Delete ${name}?`} button="Delete" danger ready={typed === name} act={act} onClose={onClose}>
      <p>
        Scripts that read it fail from the next run on, unless they read it with <code>vars.get</code> and a
        fallback. A variable of the same name goes on with its history.
      </p>
      <Confirm text={name} typed={typed} onChange={setTyped} />
    </Ask>
  );
}
