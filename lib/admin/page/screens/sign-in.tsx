import { LINKS } from '../base';
import { Empty } from '../ui/states';

/** For who has no session, or no longer. */
export const SignIn = () => (
  <main class="alone">
    <Empty icon="scripts" title="You are signed out">
      <p>Your session has ended, or you have none. Nothing you saved is lost.</p>
      {LINKS.signIn ? (
        <a class="button primary" href={LINKS.signIn} data-native>
          Sign in
        </a>
      ) : (
        <p>Sign in to the application, then come back to this page.</p>
      )}
      <p>
        <button type="button" class="button" onClick={() => location.reload()}>
          I have signed in
        </button>
      </p>
    </Empty>
  </main>
);
