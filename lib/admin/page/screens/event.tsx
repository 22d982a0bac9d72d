import { useRoute } from 'preact-iso/router';
import { useApi } from '../api/query';
import type { EventHistory } from '../api/schema';
import { useHref, useTenantQuery } from '../session';
import { Id } from '../ui/copy';
import { Section } from '../ui/data';
import { Heading } from '../ui/heading';
import { Loaded } from '../ui/states';
import { Causes } from './causes';
import { EventTree } from './event-tree';

/** One event, with everything it caused. */
export function EventScreen() {
  const { params } = useRoute();
  const eventId = params.eventId ?? '';
  const href = useHref();
  const history = useApi<EventHistory>({
    path: `events/${encodeURIComponent(eventId)}`,
    query: useTenantQuery(),
  });
  return (
    <Loaded result={history}>
      {({ event, causes, more }) => (
        <>
          <Heading title={event.eventType} back={{ to: href('executions'), title: 'Executions' }}>
            <p>
              Event <Id of={event.eventId} what="the event’s id" />: its executions, its dead letters, and the
              events that came of it.
            </p>
          </Heading>
          {causes.length > 0 && (
            <Section title="What led to it">
              <Causes of={causes} />
            </Section>
          )}
          <div class="card padded">
            <EventTree node={event} />
          </div>
          {more && <p class="quiet note">Not everything is shown here.</p>}
        </>
      )}
    </Loaded>
  );
}
