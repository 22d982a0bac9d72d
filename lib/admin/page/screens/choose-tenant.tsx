import type { ComponentType } from 'preact';
import { useRoute } from 'preact-iso/router';
import { useSession, useTenant } from '../session';
import { Heading } from '../ui/heading';
import { Empty } from '../ui/states';
import { pageAddress } from '../session';

/** A screen of one tenant. People who may see several tenants choose one first. */
export function ChooseTenant(Screen: ComponentType): ComponentType {
  return function OfTenant() {
    const tenant = useTenant();
    const { params } = useRoute();
    // The key makes a new screen for another tenant or id, so that nothing typed or chosen stays.
    return tenant === null ? <Choose /> : <Screen key={JSON.stringify([tenant, params])} />;
  };
}

function Choose() {
  const { tenants } = useSession();
  return (
    <>
      <Heading title="Choose a tenant" />
      <Empty icon="tenants" title="Whose scripts do you want to see?">
        {tenants === null ? (
          <a class="button primary" href={pageAddress('tenants', {})}>
            Show all tenants
          </a>
        ) : tenants.length === 0 ? (
          <p>You don’t have access to any tenant. Ask an administrator.</p>
        ) : (
          <p>Choose one in the menu.</p>
        )}
      </Empty>
    </>
  );
}
