import { createContext, type ComponentChildren } from 'preact';
import { useContext, useState } from 'preact/hooks';

/** What a person chose for this browser. */
interface Settings {
  theme: 'system' | 'light' | 'dark';
  clock: 'local' | 'UTC';
}

const KEY = 'scripts-event:settings';
const DEFAULTS: Settings = { theme: 'system', clock: 'local' };

function read(): Settings {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Settings>) };
  } catch {
    // Without storage, the defaults apply.
    return DEFAULTS;
  }
}

function keep(settings: Settings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Kept until the page is closed.
  }
}

function apply({ theme }: Settings): void {
  document.documentElement.style.colorScheme = theme === 'system' ? 'light dark' : theme;
}

const Current = createContext<{ settings: Settings; change: (some: Partial<Settings>) => void }>({
  settings: DEFAULTS,
  change: () => undefined,
});

export function SettingsProvider({ children }: { children: ComponentChildren }) {
  const [settings, set] = useState(() => {
    const kept = read();
    apply(kept);
    return kept;
  });
  const change = (some: Partial<Settings>): void => {
    const next = { ...settings, ...some };
    keep(next);
    apply(next);
    set(next);
  };
  return <Current.Provider value={{ settings, change }}>{children}</Current.Provider>;
}

export const useSettings = () => useContext(Current);
