import type { Names } from '../names.js';
import { KEY_TEXT } from './key-text.js';

/** Tables of the durable buffer. */
export const DURABLE_BUFFER_TABLES = ['nodes', 'waiting', 'slots', 'rates', 'ordered', 'keys'] as const;

/** The tables of the durable buffer beside those of the engine. They stay empty in memory mode. */
export const durableBuffer = (names: Names): string[] => [
  ...nodes(names),
  ...waiting(names),
  ...limits(names),
  ...ordered(names),
  ...keys(names),
  // Fencing tokens: whoever takes a queued event or a dead letter to run it gets a greater number than all before.
  `CREATE SEQUENCE ${names.path('scripts_event_fence_seq')}`,
];

/** One row per running node: its lease, and the engine's schema it works for. Times are the database's. */
function nodes(names: Names): string[] {
  return [
    `CREATE TABLE ${names.path('scripts_event_nodes')} (
      id ${KEY_TEXT} PRIMARY KEY,
      queue ${KEY_TEXT} NOT NULL,
      started_at timestamptz NOT NULL DEFAULT now(),
      seen_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL
    )`,
  ];
}

/** Queued events that a limit delays. The engine doesn't see them, so they block no other events. */
function waiting(names: Names): string[] {
  const table = names.path('scripts_event_waiting');
  return [
    `CREATE TABLE ${table} (
      id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      queue ${KEY_TEXT} NOT NULL,
      tenant_id ${KEY_TEXT} NOT NULL,
      script_id ${KEY_TEXT} NOT NULL,
      job json NOT NULL,
      reason text NOT NULL CHECK (reason IN ('script-busy', 'tenant-busy', 'script-rate', 'tenant-rate')),
      due_at timestamptz NOT NULL DEFAULT now(),
      since timestamptz NOT NULL DEFAULT now()
    )`,
    `CREATE INDEX ${names.own('scripts_event_waiting_due_idx')} ON ${table} (queue, script_id, due_at, id)`,
  ];
}

/**
 * Limits over all nodes. A lane is a script or a tenant: it has one row for each run allowed at the same time, and one
 * that says which minute has room next.
 */
function limits(names: Names): string[] {
  const slots = names.path('scripts_event_slots');
  return [
    `CREATE TABLE ${slots} (
      lane ${KEY_TEXT} NOT NULL,
      slot integer NOT NULL,
      node_id ${KEY_TEXT},
      taken_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (lane, slot)
    )`,
    `CREATE INDEX ${names.own('scripts_event_slots_node_idx')} ON ${slots} (node_id) WHERE node_id IS NOT NULL`,
    `CREATE TABLE ${names.path('scripts_event_rates')} (
      lane ${KEY_TEXT} PRIMARY KEY,
      minute timestamptz NOT NULL,
      used integer NOT NULL
    )`,
  ];
}

/** Events of scripts with an ordering key, from the publisher's commit until their turn is over. */
function ordered(names: Names): string[] {
  const table = names.path('scripts_event_ordered');
  return [
    `CREATE TABLE ${table} (
      id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      tenant_id ${KEY_TEXT} NOT NULL,
      script_id ${KEY_TEXT} NOT NULL,
      order_key ${KEY_TEXT} NOT NULL,
      event_id ${KEY_TEXT} NOT NULL,
      event json NOT NULL,
      on_failure text NOT NULL CHECK (on_failure IN ('block', 'skip')),
      state ${KEY_TEXT} NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'blocked')),
      node_id ${KEY_TEXT},
      deliveries integer NOT NULL DEFAULT 0,
      nudged_at timestamptz NOT NULL DEFAULT now(),
      since timestamptz NOT NULL DEFAULT now(),
      CHECK ((state = 'running') = (node_id IS NOT NULL))
    )`,
    `CREATE INDEX ${names.own('scripts_event_ordered_head_idx')} ON ${table} (script_id, order_key, id)`,
    // At most one event per key has its turn, even if nodes disagree.
    `CREATE UNIQUE INDEX ${names.own('scripts_event_ordered_turn_key')} ON ${table} (script_id, order_key)
      WHERE state <> 'waiting'`,
    `CREATE INDEX ${names.own('scripts_event_ordered_node_idx')} ON ${table} (node_id) WHERE node_id IS NOT NULL`,
    `CREATE INDEX ${names.own('scripts_event_ordered_blocked_idx')} ON ${table} (id) WHERE state = 'blocked'`,
    `CREATE INDEX ${names.own('scripts_event_ordered_nudged_idx')} ON ${table} (nudged_at) WHERE state = 'waiting'`,
  ];
}

/** Event ids that publishers set, so that an event with the same id is accepted only once. */
function keys(names: Names): string[] {
  const table = names.path('scripts_event_keys');
  return [
    `CREATE TABLE ${table} (
      tenant_id ${KEY_TEXT} NOT NULL,
      event_id ${KEY_TEXT} NOT NULL,
      accepted_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant_id, event_id)
    )`,
    `CREATE INDEX ${names.own('scripts_event_keys_age_idx')} ON ${table} (accepted_at)`,
  ];
}
