import { useState } from 'preact/hooks';
import { useEventTypesSeen } from '../api/live';
import { useApi } from '../api/query';
import type { EventTypes } from '../api/schema';
import { useHref, useMay } from '../session';
import { Badge, Tag } from '../ui/badge';
import { Icon } from '../ui/icons';
import { OpenApplication } from '../ui/open-application';
import { Loaded } from '../ui/states';
import { templateFor } from '../templates';

/** For a tenant without scripts: the application's events, and a first script. */
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
                A script listens to one or more event types. Each time such an event happens, the script runs
                in a sandbox, and you see here what it logged and returned, or why it failed.
              </p>
              <h3 id="types">Events in this application</h3>
              <p class="quiet" aria-live="polite">
                {seen.length === 0
                  ? 'Use the application: its events are marked here as they come in.'
                  : `Just came in: ${seen.join(', ')}.`}
              </p>
              <OpenApplication />
              <ul class="type-list" aria-labelledby="types">
                {items.map((one) => (
                  <li key={one.type}>
                    <button type="button" aria-pressed={one === type} onClick={() => choose(one.type)}>
                      <Tag>{one.type}</Tag>
                      <small>{one.fields === null ? 'any fields' : one.fields.join(', ')}</small>
                      {seen.includes(one.type) && <Badge state="just came in" tone="good" />}
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
                  <p class="quiet">You don’t have permission to write scripts. Ask an administrator.</p>
                )}
              </section>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}
