import { useMay } from '../session';
import { Field } from '../ui/act';
import { Icon } from '../ui/icons';
import { type BindingDraft, type CallsDraft, type CaseDraft, isJson, newCase, REFUSED } from './call-draft';
import type { Draft } from './edit-draft';

/** Sets what the draft's bindings do in a test run: refuse calls, answer with stand-ins, or really act. */
export function Calls({
  draft,
  calls,
  onChange,
}: {
  draft: Draft;
  calls: CallsDraft;
  onChange: (calls: CallsDraft) => void;
}) {
  const mayOperate = useMay('operate');
  const { bindings, secrets } = draft;
  if (bindings.length === 0 && (secrets.length === 0 || !mayOperate)) return null;
  return (
    <details class="calls">
      <summary>Bindings and secrets in this run: {inWords(draft, calls)}</summary>
      {bindings.map((name) => (
        <OneBinding
          key={name}
          name={name}
          binding={calls.bindings[name] ?? REFUSED}
          onChange={(one) => onChange({ ...calls, bindings: { ...calls.bindings, [name]: one } })}
        />
      ))}
      {mayOperate && secrets.length > 0 && (
        <label class="check">
          <input
            type="checkbox"
            checked={calls.useSecrets}
            onChange={() => onChange({ ...calls, useSecrets: !calls.useSecrets })}
          />
          Use the values of its secrets
        </label>
      )}
    </details>
  );
}

function inWords({ bindings, secrets }: Draft, { bindings: by, useSecrets }: CallsDraft): string {
  const count = (how: BindingDraft['how']): number =>
    bindings.filter((name) => (by[name] ?? REFUSED).how === how).length;
  const parts = [
    [count('refuse'), 'refused'],
    [count('stand-in'), 'with stand-ins'],
    [count('real'), 'called'],
  ] as const;
  return [
    ...parts.filter(([number]) => number > 0).map(([number, words]) => `${number} ${words}`),
    ...(secrets.length > 0 && useSecrets ? ['secrets used'] : []),
  ].join(', ');
}

/** The real effects of the next run, shown before it starts; undefined if it has none. */
export function effectsOf({ bindings, secrets }: Draft, calls: CallsDraft): string | undefined {
  const real = bindings.filter((name) => calls.bindings[name]?.how === 'real');
  const using = calls.useSecrets && secrets.length > 0;
  if (real.length === 0 && !using) return undefined;
  const called =
    real.length > 0 ? `${real.join(', ')} ${real.length === 1 ? 'is' : 'are'} really called` : '';
  return [called, using ? 'secrets are used' : ''].filter(Boolean).join(', and ');
}

interface BindingProps {
  name: string;
  binding: BindingDraft;
  onChange: (binding: BindingDraft) => void;
}

function OneBinding({ name, binding, onChange }: BindingProps) {
  const mayOperate = useMay('operate');
  const { how, cases } = binding;
  const choose = (chosen: BindingDraft['how']): void =>
    onChange({ how: chosen, cases: chosen === 'stand-in' && cases.length === 0 ? [newCase()] : cases });
  const change = (at: number, some: Partial<CaseDraft>): void =>
    onChange({ how, cases: cases.map((one, place) => (place === at ? { ...one, ...some } : one)) });
  return (
    <div class="call">
      <label class="field">
        <span class="field-title">
          <code>{name}</code>
        </span>
        <select
          value={how}
          onChange={({ currentTarget }) => choose(currentTarget.value as BindingDraft['how'])}
        >
          <option value="refuse">Refuse its calls</option>
          <option value="stand-in">Answer with stand-ins</option>
          {mayOperate && <option value="real">Call it, with all its effects</option>}
        </select>
      </label>
      {how === 'stand-in' && (
        <>
          {cases.map((one, at) => (
            <OneCase
              key={one.id}
              title={`Stand-in ${at + 1} of ${name}`}
              of={one}
              onChange={(some) => change(at, some)}
              onRemove={
                cases.length > 1
                  ? () => onChange({ how, cases: cases.filter((_, place) => place !== at) })
                  : undefined
              }
            />
          ))}
          <p>
            <button
              type="button"
              class="button small"
              onClick={() => onChange({ how, cases: [...cases, newCase()] })}
            >
              <Icon name="plus" />
              Another for {name}
            </button>{' '}
            <small>The first one for the input answers.</small>
          </p>
        </>
      )}
    </div>
  );
}

function OneCase({
  title,
  of: { input, fails, answer, code, message },
  onChange,
  onRemove,
}: {
  title: string;
  of: CaseDraft;
  onChange: (some: Partial<CaseDraft>) => void;
  onRemove: (() => void) | undefined;
}) {
  return (
    <fieldset class="schedule">
      <legend>{title}</legend>
      <JsonText
        title="For the input"
        placeholder="Any"
        text={input}
        onChange={(text) => onChange({ input: text })}
      />
      <Field title="The call">
        <select
          value={fails ? 'fails' : 'answers'}
          onChange={({ currentTarget }) => onChange({ fails: currentTarget.value === 'fails' })}
        >
          <option value="answers">answers</option>
          <option value="fails">fails with an error</option>
        </select>
      </Field>
      {fails ? (
        <div class="pair">
          <Field title="Code">
            <input
              value={code}
              maxLength={64}
              placeholder="not-found"
              autocomplete="off"
              spellcheck={false}
              onInput={({ currentTarget }) => onChange({ code: currentTarget.value })}
            />
          </Field>
          <Field title="Message">
            <input
              value={message}
              maxLength={2_048}
              placeholder="Optional"
              onInput={({ currentTarget }) => onChange({ message: currentTarget.value })}
            />
          </Field>
        </div>
      ) : (
        <JsonText
          title="Answer"
          placeholder="null"
          text={answer}
          onChange={(text) => onChange({ answer: text })}
        />
      )}
      {onRemove && (
        <p>
          <button type="button" class="button small" onClick={onRemove}>
            <Icon name="trash" />
            Remove
            <span class="heard"> {title}</span>
          </button>
        </p>
      )}
    </fieldset>
  );
}

/** A text area for JSON, because many editors would be slow. */
const JsonText = ({
  title,
  placeholder,
  text,
  onChange,
}: {
  title: string;
  placeholder: string;
  text: string;
  onChange: (text: string) => void;
}) => (
  <Field title={title} problem={isJson(text) ? undefined : 'This is not JSON yet.'}>
    <textarea
      class="code"
      rows={2}
      value={text}
      placeholder={placeholder}
      autocomplete="off"
      spellcheck={false}
      onInput={({ currentTarget }) => onChange(currentTarget.value)}
    />
  </Field>
);
