import type { Names } from '../names.js';

/**
 * What scripts remember. `scope` is the id of a script, or `tenant`. Counters are written often, so rows leave room for a new form
 * of themselves beside them.
 */
export const store = (names: Names): string[] => [
  `CREATE TABLE ${names.path('script_store')} (
      tenant_id text NOT NULL CHECK (tenant_id <> ''),
      scope text NOT NULL CHECK (scope <> ''),
      -- In the order of code points, as the package compares them.
      key text COLLATE "C" NOT NULL CHECK (key <> ''),
      value json NOT NULL,
      bytes integer NOT NULL CHECK (bytes > 0),
      revision bigint NOT NULL CHECK (revision > 0),
      expires_at timestamptz,
      execution_id uuid,
      updated_by text,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, scope, key)
    ) WITH (fillfactor = 80)`,
  // Those whose time is over, of all tenants.
  `CREATE INDEX ${names.own('script_store_expiry_idx')} ON ${names.path('script_store')} (expires_at)
      WHERE expires_at IS NOT NULL`,
  // One row for each tenant, locked by whoever changes its store. It stays when the store is empty: revisions go on.
  `CREATE TABLE ${names.path('script_store_usage')} (
      tenant_id text PRIMARY KEY CHECK (tenant_id <> ''),
      keys integer NOT NULL DEFAULT 0 CHECK (keys >= 0),
      bytes bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
      revision bigint NOT NULL DEFAULT 0,
      -- The execution that others let through to keys that begin so, until then. It has lost one to another run.
      turn_of uuid,
      turn_key text,
      turn_until timestamptz
    ) WITH (fillfactor = 50)`,
];
