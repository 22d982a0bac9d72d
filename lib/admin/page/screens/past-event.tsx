import { useApi } from '../api/query';
import type { DeadLetter, Execution } from '../api/schema';
import type { JsonValue } from '../editor';
import { useTenantQuery } from '../session';
import { Json } from '../ui/json';
import type { TestedEvent } from './edit-event';

interface Props {
  event: Exclude<TestedEvent, { is: 'own' }>;
  /** Receives a copy to edit by hand. */
  onCopy: (type: string, input: JsonValue) => void;
}

/** The payload of the past event that the draft is tried with. */
export function PastEvent({ event, onCopy }: Props) {
  const tenant = useTenantQuery();
  const ofLetter = event.is === 'deadLetter';
  const letter = useApi<DeadLetter>({
    path: `dead-letters/${event.id}`,
    query: tenant,
    enabled: ofLetter,
    poll: false,
  });
  const execution = useApi<Execution>({
    path: `executions/${event.id}`,
    query: tenant,
    enabled: !ofLetter,
    poll: false,
  });
  const known = ofLetter ? letter.data : execution.data;
  const payload = ofLetter ? letter.data?.payload : execution.data?.input;
  if (!known || payload === undefined || payload === null) return null;
  return (
    <div class="field">
      <span class="field-title">Payload</span>
      <Json value={payload} label="Payload" />
      <p>
        <button
          type="button"
          class="button small"
          onClick={() => onCopy(known.eventType, payload as JsonValue)}
        >
          Edit a copy
        </button>
      </p>
    </div>
  );
}
