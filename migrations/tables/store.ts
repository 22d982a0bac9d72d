import type { Names } from '../names.js';
import { KEY_TEXT } from './key-text.js';

/**
 * The stores of scripts. `scope` is the id of a script, or `tenant` for the store that all scripts of the tenant share.
 * Counters change often, so pages keep free room (`fillfactor`) for new versions of their rows.
 */
export const store = (names: Names): string[] => [
  `CREATE TABLE ${names.path('script_store')} (
      tenant_id ${KEY_TEXT} NOT NULL CHECK (tenant_id <> ''),
      scope ${KEY_TEXT} NOT NULL CHECK (scope <> ''),
      -- In the order of code points, as the package compares them.
      key ${KEY_TEXT} NOT NULL CHECK (key <> ''),
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
  // Expired values, of all tenants.
  `CREATE INDEX ${names.own('script_store_expiry_idx')} ON ${names.path('script_store')} (expires_at)
      WHERE expires_at IS NOT NULL`,
  // One row for each tenant. Every change of the tenant's stores locks it. It stays when the stores are empty, so that
  // revisions never repeat.
  `CREATE TABLE ${names.path('script_store_usage')} (
      tenant_id ${KEY_TEXT} PRIMARY KEY CHECK (tenant_id <> ''),
      keys integer NOT NULL DEFAULT 0 CHECK (keys >= 0),
      bytes bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
      revision bigint NOT NULL DEFAULT 0,
      -- The execution that lost a key to another run. Until turn_until, other runs leave it the keys that begin with
      -- turn_key.
      turn_of uuid,
      turn_key text,
      turn_until timestamptz
    ) WITH (fillfactor = 50)`,
];
