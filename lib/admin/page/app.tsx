import { LocationProvider, Route, Router } from 'preact-iso/router';
import { BASE } from './base';
import { ApiError } from './api/client';
import { SessionProvider, useSessionQuery } from './session';
import { SettingsProvider } from './settings';
import { Frame } from './frame';
import { Announcements } from './ui/announce';
import { Failed, Loading } from './ui/states';
import { SignIn } from './screens/sign-in';
import { ChooseTenant } from './screens/choose-tenant';
import { NotFound } from './screens/not-found';
import { Overview } from './screens/overview';
import { toTheTop } from './ui/focus';
import { later } from './ui/later';

/** The page: the session first, then its screens. */
export const App = () => (
  <SettingsProvider>
    <LocationProvider scope={new RegExp(`^${escaped(BASE.pathname)}`)}>
      <Session />
    </LocationProvider>
    <Announcements />
  </SettingsProvider>
);

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function Session() {
  const session = useSessionQuery();
  const error = session.error as ApiError | null;
  if (error?.status === 401) return <SignIn />;
  if (session.data)
    return (
      <SessionProvider value={session.data}>
        <Frame>
          <Screens />
        </Frame>
      </SessionProvider>
    );
  return (
    <main class="alone">
      {error ? <Failed error={error} again={() => void session.refetch()} /> : <Loading />}
    </main>
  );
}

const other = later(() => import('./screens/others'));
const values = later(() => import('./screens/values'));
/** Loads the editors with the screen that mounts them. The mounted editor reports a failed load. */
const editing = later(() => {
  void import('./editor').catch(() => undefined);
  return import('./screens/edit');
});

const Tenants = other(({ Tenants: Screen }) => Screen);

/** Made once: a new component would remount its screen. */
const OfTenant = {
  Overview: ChooseTenant(Overview),
  Scripts: ChooseTenant(other(({ Scripts }) => Scripts)),
  Script: ChooseTenant(other(({ Script }) => Script)),
  NewScript: ChooseTenant(editing(({ NewScript }) => NewScript)),
  EditScript: ChooseTenant(editing(({ EditScript }) => EditScript)),
  Executions: ChooseTenant(other(({ Executions }) => Executions)),
  Execution: ChooseTenant(other(({ Execution }) => Execution)),
  Event: ChooseTenant(other(({ EventScreen }) => EventScreen)),
  Failures: ChooseTenant(other(({ Failures }) => Failures)),
  DeadLetters: ChooseTenant(other(({ DeadLetters }) => DeadLetters)),
  DeadLetter: ChooseTenant(other(({ DeadLetter }) => DeadLetter)),
  Secrets: ChooseTenant(values(({ Secrets }) => Secrets)),
  Store: ChooseTenant(values(({ Store }) => Store)),
  Variables: ChooseTenant(values(({ Variables }) => Variables)),
};

/** The same addresses as in `lib/admin/serving/page.routes.ts`: the server sends the page to no others. */
const Screens = () => (
  <Router onRouteChange={toTheTop}>
    <Route path={at('')} component={OfTenant.Overview} />
    <Route path={at('overview')} component={OfTenant.Overview} />
    <Route path={at('tenants')} component={Tenants} />
    <Route path={at('scripts')} component={OfTenant.Scripts} />
    <Route path={at('scripts/new')} component={OfTenant.NewScript} />
    <Route path={at('scripts/:id/edit')} component={OfTenant.EditScript} />
    <Route path={at('scripts/:id')} component={OfTenant.Script} />
    <Route path={at('executions')} component={OfTenant.Executions} />
    <Route path={at('executions/:id')} component={OfTenant.Execution} />
    <Route path={at('events/:eventId')} component={OfTenant.Event} />
    <Route path={at('failures')} component={OfTenant.Failures} />
    <Route path={at('dead-letters')} component={OfTenant.DeadLetters} />
    <Route path={at('dead-letters/:id')} component={OfTenant.DeadLetter} />
    <Route path={at('secrets')} component={OfTenant.Secrets} />
    <Route path={at('store')} component={OfTenant.Store} />
    <Route path={at('variables')} component={OfTenant.Variables} />
    <Route default component={NotFound} />
  </Router>
);

const at = (path: string): string => `${BASE.pathname}${path}`;
