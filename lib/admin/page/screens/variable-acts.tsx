import { useState } from 'preact/hooks';
import { ApiError, get, type Query, request } from '../api/client';
import type { Variable, VariableVersion, VariableVersions } from '../api/schema';
import type { JsonValue } from '../editor';
import { useTenantQuery } from '../session';
import { Ask, Confirm, Field } from '../ui/act';
import { DiffView, JsonField } from '../ui/mounted';
import { When } from '../ui/time';
import { ScriptsWith } from './scripts-with';

interface OfVariable {
  variable: Variable;
  onClose: () => void;
}

/** The API's limit. */
const LONGEST_NAME = 64;

/** Changes version `base`; 0 creates the variable. */
export async function setVariable(name: string, value: unknown, base: number, query: Query): Promise<void> {
  if (base === 0) await request('variables', { method: 'PATCH', query, body: { values: { [name]: value } } });
  else await request(`variables/${name}`, { method: 'PATCH', query, body: { value }, ifMatch: `"${base}"` });
}

export function NewVariable({ names, onClose }: { names: readonly string[]; onClose: () => void }) {
  const tenant = useTenantQuery();
  const [typed, setTyped] = useState('');
  const [value, setValue] = useState<JsonValue | undefined>('');
  const name = typed.trim();
  const taken = names.includes(name);
  const act = async (): Promise<string> => {
    await setVariable(name, value, 0, tenant);
    return `${name} is set. Runs that begin now read it`;
  };
  return (
    <Ask
      title="New variable"
      button="Create"
      ready={name !== '' && !taken && value !== undefined}
      fields={['values']}
      act={act}
      onClose={onClose}
    >
      {(said) => {
        const ofValue = said(`values.${name}`);
        const ofName = ofValue === undefined ? said('values') : undefined;
        return (
          <>
            <Field
              title="Name"
              hint="Letters, digits and _. Scripts write vars.name."
              problem={taken ? `${name} is there already. Edit it, or choose another name.` : ofName}
            >
              <input
                value={typed}
                maxLength={LONGEST_NAME}
                autocomplete="off"
                spellcheck={false}
                onInput={({ currentTarget }) => setTyped(currentTarget.value)}
              />
            </Field>
            <ValueField first="" value={value} problem={ofValue} onChange={setValue} />
          </>
        );
      }}
    </Ask>
  );
}

export function EditVariable({ variable, onClose }: OfVariable) {
  // The list keeps polling, but the form edits the version first opened.
  const [opened] = useState(variable);
  const { name } = opened;
  const tenant = useTenantQuery();
  const [value, setValue] = useState<JsonValue | undefined>(opened.value as JsonValue);
  const [conflict, setConflict] = useState<{ theirs: VariableVersion; mine: JsonValue } | null>(null);
  const act = async (): Promise<string> => {
    const { version, deleted } = conflict?.theirs ?? { version: opened.version, deleted: false };
    try {
      await setVariable(name, value, deleted ? 0 : version, tenant);
    } catch (failure) {
      if (!(failure instanceof ApiError) || (failure.status !== 412 && failure.status !== 404)) throw failure;
      const theirs = await newest(name, tenant);
      if (theirs === undefined) throw failure;
      setConflict({ theirs, mine: value as JsonValue });
      const who = theirs.changedBy ?? 'Someone';
      const what = theirs.deleted ? 'deleted' : 'changed';
      const message = `Not saved: ${who} has ${what} ${name} since you opened it.`;
      throw new ApiError(failure.status, failure.code, message);
    }
    return `${name} is changed. Runs that begin now read the new value`;
  };
  return (
    <Ask
      title={`Edit ${name}`}
      button={conflict ? 'Save mine anyway' : 'Save'}
      wide={conflict !== null}
      ready={value !== undefined}
      fields={['value', 'values']}
      act={act}
      onClose={onClose}
    >
      {(said) => (
        <>
          <ValueField
            first={opened.value as JsonValue}
            value={value}
            problem={said('value') ?? said('values')}
            onChange={setValue}
          />
          {conflict && <BothValues key={conflict.theirs.version} {...conflict} />}
        </>
      )}
    </Ask>
  );
}

/** The value that somebody else saved, and the unsaved one. */
function BothValues({ theirs, mine }: { theirs: VariableVersion; mine: JsonValue }) {
  const { value, deleted, version, changedAt } = theirs;
  if (deleted)
    return (
      <p>
        It was deleted <When at={changedAt} />. Saving makes it anew with your value, shown above.
      </p>
    );
  return (
    <DiffView
      of={{ before: JSON.stringify(value, null, 2), after: JSON.stringify(mine, null, 2) }}
      beforeLabel={`Theirs, version ${version}`}
      afterLabel="Yours"
      language="json"
    />
  );
}

async function newest(name: string, tenant: Query): Promise<VariableVersion | undefined> {
  const { items } = await get<VariableVersions>(`variables/${name}/versions`, tenant);
  return items[0];
}

const ValueField = ({
  first,
  value,
  problem,
  onChange,
}: {
  first: JsonValue;
  value: JsonValue | undefined;
  problem: string | undefined;
  onChange: (value: JsonValue | undefined) => void;
}) => (
  <JsonField
    title="Value"
    hint={'JSON of up to 16 KiB, such as "eu", 12.5, true or ["a", "b"].'}
    problem={value === undefined ? 'This is not JSON yet. Text stands in double quotes.' : problem}
    value={first}
    onChange={onChange}
  />
);

export function DeleteVariable({ variable, onClose }: OfVariable) {
  const [{ name, version }] = useState(variable);
  const tenant = useTenantQuery();
  const [typed, setTyped] = useState('');
  const act = async (): Promise<string> => {
    await request(`variables/${name}`, { method: 'DELETE', query: tenant, ifMatch: `"${version}"` });
    return `${name} is deleted`;
  };
  return (
    <Ask title={`Delete ${name}?`} button="Delete" danger ready={typed === name} act={act} onClose={onClose}>
      <p>
        Scripts that read it fail from the next run on, unless they read it with <code>vars.get</code> and a
        fallback. A variable of the same name goes on with its history.
      </p>
      <ScriptsWith query={{ variable: name }} none="No source names it." />
      <Confirm text={name} typed={typed} onChange={setTyped} />
    </Ask>
  );
}
