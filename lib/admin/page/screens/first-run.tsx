import { useState } from 'preact/hooks';
import { useEventTypesSeen } from '../api/live';
import { useApi } from '../api/query';
import type { EventTypes } from '../api/schema';
import { useHref, useMay } from '../session';
import { Badge, Tag } from '../ui/badge';
import { Icon } from '../ui/icons';
import { Loaded } from '../ui/states';
import { templateFor } from '../templates';

/** For a tenant without scripts: what happens in the application, and a script for it. */
export function FirstRun() {
  const href = useHref();
  const mayWrite = useMay('write');
  const types = useApi<EventTypes>({ path: 'event-types' });
  const [chosen, choose] = useState<string | null>(null);
  const seen = useEventTypesSeen();
  return (
    <Loaded result={types}>
      {({ items }) => {
        const type = items.find((one) => one.type === (chosen ?? seen[0])) ?? items[0];
        return (
          <div class="first-run">
            <section>
              <h2>Run a few lines of JavaScript when something happens</h2>
              <p class="quiet">
                A script listens to one or more types of events. Each time such an event happens, it runs in a
                sandbox, and you see here what it logged, returned, or failed with.
              </p>
              <h3 id="types">What happens in this application</h3>
              <p class="quiet" aria-live="polite">
                {seen.length === 0
                  ? 'Use the application: what happens there is marked here as it comes in.'
                  : `Came in while you looked: ${seen.join(', ')}.`}
              </p>
              <ul class="type-list" aria-labelledby="types">
                {items.map((one) => (
                  <li key={one.type}>
                    <button type="button" aria-pressed={one === type} onClick={() => choose(one.type)}>
                      <span>
                        <Tag>{one.type}</Tag>
                        {seen.includes(one.type) && <Badge state="came in" tone="good" />}
                      </span>
                      <small>{one.fields === null ? 'any fields' : one.fields.join(', ')}</small>
                    </button>
                  </li>
                ))}
              </ul>
            </section>
            {type && (
              <section class="card padded">
                <h2>A first script for {type.type}</h2>
                <pre tabIndex={0} role="region" aria-label="The first script">
                  {templateFor(type)}
                </pre>
                {mayWrite ? (
                  <a class="button primary" href={href('scripts/new', { eventType: type.type })}>
                    <Icon name="bolt" />
                    Try it
                  </a>
                ) : (
                  <p class="quiet">
                    Your session doesn’t let you write scripts. Ask an administrator of the tenant.
                  </p>
                )}
              </section>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}
