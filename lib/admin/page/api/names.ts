import { useTenantQuery } from '../session';
import { useApi } from './query';
import type { ScriptSummaryPage } from './schema';

const MOST = 200;

/** Names of the tenant's scripts by their ids: records refer to scripts by id. */
export function useScriptNames(): (id: string) => string {
  const query = { ...useTenantQuery(), limit: MOST };
  const { data } = useApi<ScriptSummaryPage>({ path: 'scripts', query, poll: 60_000 });
  const names = new Map(data?.items.map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? `Script ${id.slice(-6)}`;
}
