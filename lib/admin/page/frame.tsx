import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { useLive } from './api/live';
import { queries } from './api/query';
import { ApiError } from './api/client';
import { BASE, LINKS } from './base';
import { type Permission, useHref, useMay, useSession, useTenant } from './session';
import { useSettings } from './settings';
import { Icon, type IconName } from './ui/icons';
import { TenantField } from './ui/tenant-field';

interface Place {
  path: string;
  title: string;
  icon: IconName;
  /** First parts of the addresses that belong to it. */
  of: readonly string[];
  /** Hidden without this permission. */
  needs?: Permission;
}

const PLACES: readonly Place[] = [
  { path: 'overview', title: 'Overview', icon: 'overview', of: ['', 'overview'] },
  { path: 'scripts', title: 'Scripts', icon: 'scripts', of: ['scripts'] },
  { path: 'executions', title: 'Executions', icon: 'executions', of: ['executions', 'events'] },
  { path: 'failures', title: 'Failures', icon: 'failures', of: ['failures'] },
  { path: 'dead-letters', title: 'Dead letters', icon: 'letters', of: ['dead-letters'] },
  { path: 'secrets', title: 'Secrets', icon: 'key', of: ['secrets'] },
  { path: 'variables', title: 'Variables', icon: 'variables', of: ['variables'] },
  { path: 'store', title: 'Store', icon: 'store', of: ['store'], needs: 'data' },
];
const TENANTS: Place = { path: 'tenants', title: 'Tenants', icon: 'tenants', of: ['tenants'] };

/** The frame of every screen. */
export function Frame({ children }: { children: ComponentChildren }) {
  const session = useSession();
  useLive();
  const [open, setOpen] = useState(false);
  const { url } = useLocation();
  useEffect(() => setOpen(false), [url]);
  return (
    <div class="frame">
      <a class="skip" href="#screen">
        Skip to content
      </a>
      <header class="bar">
        <span class="brand">
          <span class="mark">
            <Icon name="bolt" />
          </span>
          Scripts
        </span>
        <button
          type="button"
          class="menu-button"
          aria-expanded={open}
          aria-controls="menu"
          onClick={() => setOpen(!open)}
        >
          <Icon name={open ? 'close' : 'menu'} />
          <span class="heard">Menu</span>
        </button>
      </header>
      <div id="menu" class={open ? 'side open' : 'side'}>
        {!session.onlyTenant && <TenantField />}
        <Navigation />
        <Person />
      </div>
      <main id="screen" tabIndex={-1}>
        <Outage />
        {children}
      </main>
    </div>
  );
}

function Navigation() {
  const session = useSession();
  const tenant = useTenant();
  const href = useHref();
  const { path } = useLocation();
  const [first = ''] = path.slice(BASE.pathname.length).split('/');
  const places = [...(session.allTenants ? [TENANTS] : []), ...(tenant === null ? [] : PLACES)].filter(
    ({ needs }) => needs === undefined || session.permissions.includes(needs),
  );
  return (
    <nav aria-label="Screens">
      {places.map(({ path: to, title, icon, of }) => (
        <a key={to} href={href(to)} aria-current={of.includes(first) ? 'page' : undefined}>
          <Icon name={icon} />
          {title}
        </a>
      ))}
    </nav>
  );
}

function Person() {
  const { actor } = useSession();
  const { settings, change } = useSettings();
  const mayWrite = useMay('write');
  const mayOperate = useMay('operate');
  const name = actor.name ?? actor.id;
  return (
    <div class="person">
      <div class="switches">
        <label>
          <span>Theme</span>
          <select
            value={settings.theme}
            onChange={({ currentTarget }) => change({ theme: currentTarget.value as typeof settings.theme })}
          >
            <option value="system">System</option>
            <option value="light">Light</option>
            <option value="dark">Dark</option>
          </select>
        </label>
        <label>
          <span>Times</span>
          <select
            value={settings.clock}
            onChange={({ currentTarget }) => change({ clock: currentTarget.value as typeof settings.clock })}
          >
            <option value="local">Local</option>
            <option value="UTC">UTC</option>
          </select>
        </label>
      </div>
      <div class="who">
        <span class="face" aria-hidden="true">
          {name.slice(0, 1).toUpperCase()}
        </span>
        <span>
          <strong>{name}</strong>
          <small>{mayWrite || mayOperate ? roleOf(mayWrite, mayOperate) : 'Read only'}</small>
        </span>
      </div>
      {LINKS.home && (
        <a class="home" href={LINKS.home}>
          <Icon name="back" />
          Back to the app
        </a>
      )}
    </div>
  );
}

const roleOf = (writes: boolean, operates: boolean): string =>
  `Can ${[writes ? 'write scripts' : '', operates ? 'operate' : ''].filter(Boolean).join(' and ')}`;

/** Warns that data may be old, while the application or its database is away. */
function Outage() {
  const [away, setAway] = useState(false);
  useEffect(() => {
    const look = (): void => {
      const active = queries.getQueryCache().findAll({ type: 'active' });
      setAway(active.some(({ state }) => state.error instanceof ApiError && state.error.passing));
    };
    return queries.getQueryCache().subscribe(look);
  }, []);
  if (!away) return null;
  return (
    <p class="outage" role="alert">
      The application or its database isn’t responding. What you see may be out of date. This page keeps
      trying.
    </p>
  );
}
