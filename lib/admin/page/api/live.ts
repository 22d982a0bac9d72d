import { useEffect } from 'preact/hooks';
import { signalOf } from '../ui/signal';
import { useTenant, useTenantQuery } from '../session';
import { addressOf } from './client';
import { queries } from './query';

/** What a hint of the API says. */
interface Hint {
  changed: readonly ('scripts' | 'executions' | 'deadLetters')[];
  /** Types of events that came in. */
  eventTypes: readonly string[];
}

/** What is asked for again, by the first part of its path. */
const CONCERNED: Readonly<Record<Hint['changed'][number], readonly string[]>> = {
  scripts: ['scripts', 'script-health'],
  executions: ['executions', 'failures', 'events'],
  deadLetters: ['dead-letters', 'script-health', 'events'],
};

/** Before a stream that was refused is asked for again. */
const AGAIN_MS = 30_000;

const seen = signalOf<readonly string[]>([]);

/** Types of events that came in while the page was open, the first one first. */
export const useEventTypesSeen = (): readonly string[] => seen.use();

/**
 * Looks again as soon as the API says that something has changed; the polls go on, since a hint may be lost. Nothing is open
 * while nobody looks.
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
    // Browsers that speak HTTP/1.1 have six connections: what is looked at comes before what may come later.
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

/** Once, as soon as nothing is asked for. */
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
    // Lists that were shown stay: what is new there is counted on a button.
    predicate: ({ queryKey: [path, , pages] }) =>
      pages !== 'pages' && concerned.includes(String(path).split('/')[0] ?? ''),
  });
  const fresh = eventTypes.filter((type) => !seen.get().includes(type));
  if (fresh.length > 0) seen.set([...seen.get(), ...fresh]);
}
