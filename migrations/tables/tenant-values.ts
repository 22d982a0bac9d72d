import type { Names } from '../names.js';
import { KEY_TEXT } from './key-text.js';

/**
 * Secrets and variables of tenants. Each change takes the next revision of the scripts' sequence, so that a process can
 * tell from a digest of the revisions whether what it has in memory is up to date.
 */
export const tenantValues = (names: Names): string[] => [
  `CREATE TABLE ${names.path('script_secrets')} (
      tenant_id ${KEY_TEXT} NOT NULL CHECK (tenant_id <> ''),
      name ${KEY_TEXT} NOT NULL CHECK (name <> ''),
      key_id text NOT NULL,
      sealed text NOT NULL,
      version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
      description text,
      hosts text[] NOT NULL DEFAULT '{}',
      bindings text[] NOT NULL DEFAULT '{}',
      created_by text,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_by text,
      updated_at timestamptz NOT NULL DEFAULT now(),
      value_set_by text,
      value_set_at timestamptz NOT NULL DEFAULT now(),
      last_used_at timestamptz,
      revision bigint NOT NULL,
      PRIMARY KEY (tenant_id, name)
    )`,
  `CREATE INDEX ${names.own('script_secrets_revision_idx')} ON ${names.path('script_secrets')} (tenant_id, revision)`,
  `CREATE TABLE ${names.path('script_variables')} (
      tenant_id ${KEY_TEXT} NOT NULL CHECK (tenant_id <> ''),
      name ${KEY_TEXT} NOT NULL CHECK (name <> ''),
      value jsonb NOT NULL,
      version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
      created_by text,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_by text,
      updated_at timestamptz NOT NULL DEFAULT now(),
      revision bigint NOT NULL,
      PRIMARY KEY (tenant_id, name)
    )`,
  `CREATE INDEX ${names.own('script_variables_revision_idx')} ON ${names.path('script_variables')} (tenant_id, revision)`,
  // The earlier values of variables, kept after a variable is deleted. The version of a deletion has no value.
  `CREATE TABLE ${names.path('script_variable_versions')} (
      tenant_id ${KEY_TEXT} NOT NULL,
      name ${KEY_TEXT} NOT NULL,
      version integer NOT NULL CHECK (version >= 1),
      value jsonb,
      changed_by text,
      changed_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, name, version)
    )`,
  // The oldest versions of a tenant are deleted first.
  `CREATE INDEX ${names.own('script_variable_versions_age_idx')} ON ${names.path('script_variable_versions')}
      (tenant_id, changed_at DESC)`,
];
