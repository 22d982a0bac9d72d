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
import { Scripts } from './screens/scripts';
import { Script } from './screens/script';
import { Executions } from './screens/executions';
import { Execution } from './screens/execution';
import { EventScreen } from './screens/event';
import { Failures } from './screens/failures';
import { DeadLetters } from './screens/dead-letters';
import { DeadLetter } from './screens/dead-letter';
import { Overview } from './screens/overview';
import { Tenants } from './screens/tenants';
import { later } from './ui/later';

/** The page: who looks at it first, then its screens. */
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

/** The editors come together with the screen that mounts them; one that fails to come is told where it is mounted. */
async function editing(): Promise<typeof import('./screens/edit')> {
  void import('./editor').catch(() => undefined);
  return import('./screens/edit');
}

/** Made once: another component would be another screen. */
const OfTenant = {
  Scripts: ChooseTenant(Scripts),
  Script: ChooseTenant(Script),
  NewScript: ChooseTenant(later(async () => (await editing()).NewScript)),
  EditScript: ChooseTenant(later(async () => (await editing()).EditScript)),
  Executions: ChooseTenant(Executions),
  Execution: ChooseTenant(Execution),
  Event: ChooseTenant(EventScreen),
  Failures: ChooseTenant(Failures),
  DeadLetters: ChooseTenant(DeadLetters),
  DeadLetter: ChooseTenant(DeadLetter),
  Overview: ChooseTenant(Overview),
  Secrets: ChooseTenant(later(async () => (await import('./screens/values')).Secrets)),
  Variables: ChooseTenant(later(async () => (await import('./screens/values')).Variables)),
};

/** The same addresses as in `lib/admin/serving/page.routes.ts`. */
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
    <Route path={at('variables')} component={OfTenant.Variables} />
    <Route default component={NotFound} />
  </Router>
);

const at = (path: string): string => `${BASE.pathname}${path}`;

/** Who listens to the page hears where they are. */
function toTheTop(): void {
  document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
}
