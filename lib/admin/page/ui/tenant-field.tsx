import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { pageAddress, useSession, useTenant } from '../session';

/** Chooses the tenant, for people who may see several. */
export function TenantField() {
  const { tenants } = useSession();
  const tenant = useTenant();
  const { route } = useLocation();
  const [text, setText] = useState(tenant ?? '');
  const choose = (one: string): void => {
    if (one) route(pageAddress('overview', { tenant: one }));
  };
  if (tenants)
    return (
      <label class="tenant">
        <span>Tenant</span>
        <select value={tenant ?? ''} onChange={({ currentTarget }) => choose(currentTarget.value)}>
          {tenant === null && <option value="">Choose…</option>}
          {tenants.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
    );
  return (
    <form
      class="tenant"
      onSubmit={(event) => {
        event.preventDefault();
        choose(text.trim());
      }}
    >
      <label>
        <span>Tenant</span>
        <input
          value={text}
          placeholder="Id of a tenant"
          autocomplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
    </form>
  );
}
