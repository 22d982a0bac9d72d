/** Cookie that holds the name of the person who has signed in. */
export const USER_COOKIE = 'sample-user';

/** People of the sample, by the name that the cookie holds. */
export const PEOPLE = {
  ada: {
    name: 'Ada',
    role: 'administrator of acme',
    tenants: ['acme'],
    permissions: ['read', 'data', 'write', 'operate'],
  },
  nora: {
    name: 'Nora',
    role: 'administrator of newco, which has no scripts yet',
    tenants: ['newco'],
    permissions: ['read', 'data', 'write', 'operate'],
  },
  rita: {
    name: 'Rita',
    role: 'reader of the scripts of acme, without their data',
    tenants: ['acme'],
    permissions: ['read'],
  },
  olga: {
    name: 'Olga',
    role: 'operator of all tenants, without their data',
    tenants: 'all',
    permissions: ['read', 'operate'],
  },
} as const;

export type Person = keyof typeof PEOPLE;

export const isPerson = (value: unknown): value is Person =>
  typeof value === 'string' && Object.hasOwn(PEOPLE, value);

/** The person who has signed in, according to the `Cookie` header. */
export function signedIn(cookies: string | string[] | undefined): Person | undefined {
  const pairs = String(cookies ?? '').split(/;\s*/);
  const value = pairs.find((pair) => pair.startsWith(`${USER_COOKIE}=`))?.slice(USER_COOKIE.length + 1);
  return isPerson(value) ? value : undefined;
}
