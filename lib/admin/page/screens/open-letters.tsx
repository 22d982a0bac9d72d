import { useApi } from '../api/query';
import type { DeadLetterSummaryPage } from '../api/schema';
import { useHref, useTenantQuery } from '../session';

/** The highest count. */
const MOST = 50;

interface OpenLetters {
  count: number;
  /** “3”, “50+”. */
  number: string;
}

/** Counts the dead letters of a script that have these statuses. */
export function useOpenLetters(scriptId: string, status: readonly string[]): OpenLetters {
  const query = { ...useTenantQuery(), scriptId, status, limit: MOST };
  const { data } = useApi<DeadLetterSummaryPage>({ path: 'dead-letters', query });
  const count = data?.items.length ?? 0;
  return { count, number: `${count}${data?.nextCursor ? '+' : ''}` };
}

/** A link to the dead letters of a script. */
export function OpenLettersLink({ scriptId, letters }: { scriptId: string; letters: OpenLetters }) {
  const href = useHref();
  const { count, number } = letters;
  return (
    <a href={href('dead-letters', { scriptId })}>
      {number} {count === 1 ? 'dead letter of this script is open' : 'dead letters of this script are open'}
    </a>
  );
}
