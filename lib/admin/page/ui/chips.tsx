import { useId, useState } from 'preact/hooks';
import { Icon } from './icons';

/** A list of words; offers some of them, and takes any other. */
export function Chips({
  title,
  add,
  remove,
  placeholder,
  hint,
  items,
  offered,
  problem,
  onChange,
}: {
  title: string;
  /** Names the field for one more, such as “Add an event type”. */
  add: string;
  /** Begins the label of the button that removes one: “Stop listening to”. */
  remove: string;
  placeholder: string;
  hint?: string;
  items: readonly string[];
  offered?: readonly string[];
  problem: string | undefined;
  onChange: (items: readonly string[]) => void;
}) {
  const id = useId();
  const [text, setText] = useState('');
  const take = (): void => {
    // Pasted lists have commas, blanks or line breaks.
    const fresh = text.split(/[\s,;]+/).filter((one) => one !== '' && !items.includes(one));
    if (fresh.length > 0) onChange([...items, ...new Set(fresh)]);
    setText('');
  };
  return (
    <div class="field">
      <span class="field-title" id={id}>
        {title}
      </span>
      <ul class="chips" aria-labelledby={id}>
        {items.map((item) => (
          <li key={item}>
            <code>{item}</code>
            <button
              type="button"
              aria-label={`${remove} ${item}`}
              onClick={() => onChange(items.filter((one) => one !== item))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
        <li class="chip-input">
          <input
            aria-label={add}
            list={offered ? `${id}-offered` : undefined}
            value={text}
            placeholder={placeholder}
            autocomplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return;
              event.preventDefault();
              take();
            }}
            onChange={take}
          />
          {offered && (
            <datalist id={`${id}-offered`}>
              {offered.map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
          )}
        </li>
      </ul>
      {hint && <small>{hint}</small>}
      {problem && <small class="field-problem">{problem}</small>}
    </div>
  );
}
