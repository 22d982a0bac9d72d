import { useApi } from '../api/query';
import type { ScriptSummaryPage } from '../api/schema';
import { useHref, useTenantQuery } from '../session';
import { Loaded } from '../ui/states';

/** The most names shown. */
const SHOWN = 10;

/** Scripts that name a secret or a variable, and so need it. */
export function ScriptsWith({
  query,
  none,
}: {
  query: { secret: string } | { variable: string };
  none: string;
}) {
  const href = useHref();
  const scripts = useApi<ScriptSummaryPage>({
    path: 'scripts',
    query: { ...useTenantQuery(), ...query, limit: SHOWN },
    anew: true,
    poll: false,
  });
  return (
    <Loaded result={scripts} rows={1}>
      {({ items, nextCursor }) =>
        items.length === 0 ? (
          <p class="quiet">{none}</p>
        ) : (
          <div role="group" aria-label="Scripts that name it">
            <p>{items.length === 1 ? 'One script names it:' : 'Scripts that name it:'}</p>
            <ul>
              {items.map(({ id, name, status }) => (
                <li key={id}>
                  <a href={href(`scripts/${id}`)}>{name}</a> <span class="quiet">{status}</span>
                </li>
              ))}
              {nextCursor && (
                <li>
                  <a href={href('scripts', query)}>and more</a>
                </li>
              )}
            </ul>
          </div>
        )
      }
    </Loaded>
  );
}
