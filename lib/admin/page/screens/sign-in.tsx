import { LINKS } from '../base';
import { Empty } from '../ui/states';

/** For people without a session. */
export const SignIn = () => (
  <main class="alone">
    <Empty icon="scripts" title="You are signed out">
      <p>Your session has ended. Everything that you saved is kept.</p>
      {LINKS.signIn ? (
        <a class="button primary" href={LINKS.signIn} data-native>
          Sign in
        </a>
      ) : (
        <p>Sign in to the application, then come back to this page.</p>
      )}
      <p>
        <button type="button" class="button" onClick={() => location.reload()}>
          I’ve signed in
        </button>
      </p>
    </Empty>
  </main>
);
