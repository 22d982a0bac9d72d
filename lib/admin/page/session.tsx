import { createContext, type ComponentChildren } from 'preact';
import { useContext } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { Query } from './api/client';
import { useApi, type Result } from './api/query';
import type { Session } from './api/schema';
import { BASE, FIRST_SESSION } from './base';

export type Permission = 'read' | 'data' | 'write' | 'operate';

const SESSION_POLL_MS = 30_000;

export const useSessionQuery = (): Result<Session> =>
  useApi<Session>({ path: 'session', poll: SESSION_POLL_MS, first: FIRST_SESSION });

const Current = createContext<Session | null>(null);

export const SessionProvider = ({ value, children }: { value: Session; children: ComponentChildren }) => (
  <Current.Provider value={value}>{children}</Current.Provider>
);

export function useSession(): Session {
  const session = useContext(Current);
  if (!session) throw new TypeError('a screen is shown without a session');
  return session;
}

export const useMay = (permission: Permission): boolean => useSession().permissions.includes(permission);

/** The tenant that the page shows; null when one has to be chosen. */
export function useTenant(): string | null {
  const { onlyTenant } = useSession();
  const { query } = useLocation();
  return query.tenant ?? onlyTenant;
}

/** The tenant for a request: left out where the session has one. */
export function useTenantQuery(): Query {
  const { onlyTenant } = useSession();
  const tenant = useTenant();
  return tenant === null || tenant === onlyTenant ? {} : { tenant };
}

/** An address of the page that keeps the tenant. */
export function useHref(): (path: string, query?: Query) => string {
  const tenant = useTenantQuery();
  return (path, query = {}) => pageAddress(path, { ...tenant, ...query });
}

export function pageAddress(path: string, query: Query): string {
  const address = new URL(path, BASE);
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue;
    for (const one of [value].flat()) address.searchParams.append(name, String(one));
  }
  return address.pathname + address.search;
}
