import { useApi } from '../api/query';
import type { EventTypes, ScriptSummaryPage } from '../api/schema';
import { useTenantQuery } from '../session';
import { Choice } from '../ui/filters';

/** How an execution fails. */
export const FAILURE_KINDS = [
  'timeout',
  'memory',
  'syntax',
  'runtime',
  'rejected',
  'crashed',
  'cancelled',
] as const;

interface Props {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

export const FailureKindChoice = (props: Props) => (
  <Choice title="Failure kind" options={FAILURE_KINDS.map((one) => [one, one])} {...props} />
);

export function EventTypeChoice(props: Props) {
  const types = useApi<EventTypes>({ path: 'event-types', poll: false });
  return (
    <Choice
      title="Event type"
      options={(types.data?.items ?? []).map(({ type }) => [type, type])}
      {...props}
    />
  );
}

/** The most that one request returns; the scripts screen lists older ones. */
const MOST = 200;

/** @param listed a record of the list: names the chosen script if it is not among the newest */
export function ScriptChoice({
  listed,
  value,
  onChange,
}: Props & { listed: { scriptId: string; scriptName: string | null } | undefined }) {
  const query = { ...useTenantQuery(), limit: MOST };
  const { data } = useApi<ScriptSummaryPage>({ path: 'scripts', query, poll: 60_000 });
  const options = (data?.items ?? []).map(({ id, name }) => [id, name] as const);
  const named = value !== undefined && options.some(([id]) => id === value);
  const chosen = listed?.scriptId === value ? listed?.scriptName : undefined;
  return (
    <Choice
      title="Script"
      value={value}
      options={
        value === undefined || named ? options : [[value, chosen ?? 'The chosen script'] as const, ...options]
      }
      more={data?.nextCursor ? `Only the newest ${MOST} are listed` : undefined}
      onChange={onChange}
    />
  );
}
