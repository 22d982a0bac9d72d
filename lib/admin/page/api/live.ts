import { useEffect } from 'preact/hooks';
import { signalOf } from '../ui/signal';
import { useTenant, useTenantQuery } from '../session';
import { addressOf } from './client';
import { queries } from './query';

/** A hint from the API. */
interface Hint {
  changed: readonly ('scripts' | 'executions' | 'deadLetters')[];
  /** Types of events that came in. */
  eventTypes: readonly string[];
}

/** Requests to repeat, by the first part of their paths. */
const CONCERNED: Readonly<Record<Hint['changed'][number], readonly string[]>> = {
  scripts: ['scripts', 'script-health'],
  executions: ['executions', 'failures', 'events'],
  deadLetters: ['dead-letters', 'script-health', 'events'],
};

/** Milliseconds between tries to open the stream. */
const AGAIN_MS = 30_000;

const seen = signalOf<readonly string[]>([]);

/** Types of events that came in while the page was open, oldest first. */
export const useEventTypesSeen = (): readonly string[] => seen.use();

/**
 * Refreshes data as soon as the API reports a change; the polls go on, since a hint may be lost. Closes the stream
 * while the page is hidden.
 */
export function useLive(): void {
  const tenant = useTenant();
  const { tenant: named } = useTenantQuery();
  useEffect(() => {
    if (tenant === null) return undefined;
    seen.set([]);
    let source: EventSource | undefined;
    const open = (): void => {
      if (document.hidden || (source && source.readyState !== EventSource.CLOSED)) return;
      source = new EventSource(addressOf('live', { tenant: named }));
      source.addEventListener('changed', ({ data }) => take(JSON.parse(data as string) as Hint));
    };
    const follow = (): void => {
      if (document.hidden) source?.close();
      else open();
    };
    // Over HTTP/1.1, browsers open six connections: the stream waits for the screen's first requests.
    const forget = whenQuiet(open);
    const timer = setInterval(open, AGAIN_MS);
    document.addEventListener('visibilitychange', follow);
    return () => {
      forget();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', follow);
      source?.close();
    };
  }, [tenant, named]);
}

/** Acts once, when no request is open. */
function whenQuiet(act: () => void): () => void {
  const look = (): void => {
    if (queries.isFetching() > 0) return;
    forget();
    act();
  };
  const forget = queries.getQueryCache().subscribe(look);
  const timer = setTimeout(look);
  return () => {
    clearTimeout(timer);
    forget();
  };
}

function take({ changed, eventTypes }: Hint): void {
  const concerned = changed.flatMap((one) => CONCERNED[one] ?? []);
  void queries.invalidateQueries({
    // Lists keep their rows; a button counts the new ones.
    predicate: ({ queryKey: [path, , pages] }) =>
      pages !== 'pages' && concerned.includes(String(path).split('/')[0] ?? ''),
  });
  const fresh = eventTypes.filter((type) => !seen.get().includes(type));
  if (fresh.length > 0) seen.set([...seen.get(), ...fresh]);
}
