import { useEffect, useState } from 'preact/hooks';
import { addressOf, type Query } from '../api/client';
import { announce } from './announce';
import { Icon } from './icons';

const SHOWN_MS = 1_500;

export function CopyButton({ text, what, children }: { text: string; what: string; children?: string }) {
  const [copied, set] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => set(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await navigator.clipboard.writeText(text);
      set(true);
      announce(`Copied ${what}`);
    } catch {
      // Browsers give no clipboard on insecure addresses.
      announce(`The browser doesn’t allow copying here. Select ${what} instead.`, true);
    }
  };
  return (
    <button
      type="button"
      class={children ? 'button small' : 'copy'}
      onClick={(event) => void copy(event)}
      aria-label={children ? undefined : `Copy ${what}`}
      title={children ? undefined : `Copy ${what}`}
    >
      <Icon name={copied ? 'check' : 'copy'} />
      {children}
    </button>
  );
}

/** Copies a screen's API request as a curl command, without the host's own headers for signing in. */
export const CopyCurl = ({ path, query }: { path: string; query: Query }) => (
  <CopyButton text={`curl '${addressOf(path, query).href}'`} what="the curl command">
    curl
  </CopyButton>
);

/** An id, shortened; all of it is copied. */
export const Id = ({ of, what = 'the id' }: { of: string; what?: string }) => (
  <span class="id">
    <code title={of}>{of.length > 14 ? `${of.slice(0, 4)}…${of.slice(-6)}` : of}</code>
    <CopyButton text={of} what={what} />
  </span>
);
