import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { pageAddress } from '../session';

/** The filters in the address of a screen, and a function that changes them. */
export function useFilters(): [
  Readonly<Record<string, string>>,
  (some: Record<string, string | undefined>) => void,
] {
  const { query, path, route } = useLocation();
  const change = (some: Record<string, string | undefined>): void =>
    route(pageAddress(location.origin + path, { ...query, ...some }), true);
  return [query, change];
}

export const FilterBar = ({ children }: { children: ComponentChildren }) => (
  <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
    {children}
  </form>
);

export function Choice({
  title,
  value,
  options,
  none = 'Any',
  more,
  onChange,
}: {
  title: string;
  value: string | undefined;
  /** Value and words. A value of the address is added if it is missing. */
  options: readonly (readonly [string, string])[];
  /** Words for no choice. */
  none?: string;
  /** Why some are missing. */
  more?: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const known = value === undefined || options.some(([one]) => one === value);
  return (
    <label class="filter">
      <span>{title}</span>
      <select
        value={value ?? ''}
        onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}
      >
        <option value="">{none}</option>
        {(known ? options : [[value, value] as const, ...options]).map(([one, words]) => (
          <option key={one} value={one}>
            {words}
          </option>
        ))}
        {more && <option disabled>{more}</option>}
      </select>
    </label>
  );
}

const TYPING_MS = 300;

/** Searches after the typing pauses. */
export function SearchField({
  title,
  value,
  placeholder,
  onChange,
}: {
  title: string;
  value: string | undefined;
  placeholder?: string;
  onChange: (value: string | undefined) => void;
}) {
  const [text, setText] = useState(value ?? '');
  useEffect(() => setText(value ?? ''), [value]);
  useEffect(() => {
    if (text === (value ?? '')) return undefined;
    const timer = setTimeout(() => onChange(text.trim() || undefined), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label class="filter grow">
      <span>{title}</span>
      <input
        type="search"
        value={text}
        placeholder={placeholder}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
    </label>
  );
}
