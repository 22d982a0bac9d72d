import type { Names } from '../names.js';
import { KEY_TEXT } from './key-text.js';

/**
 * Executions by the hour in which they began, counted by the statement that stores them. The columns that change come
 * last, and pages keep free room (`fillfactor`), so that an update writes little and changes no index. The key begins
 * with the hour, so that current rows are next to each other, and so are the rows to delete.
 */
export function statistics(names: Names): string[] {
  return [
    `CREATE TABLE ${names.path('script_statistics')} (
      hour timestamptz NOT NULL,
      script_id uuid NOT NULL,
      tenant_id ${KEY_TEXT} NOT NULL,
      writer integer NOT NULL,
      completed bigint NOT NULL,
      failed bigint NOT NULL,
      duration_ms double precision NOT NULL,
      queue_ms double precision NOT NULL,
      PRIMARY KEY (hour, tenant_id, script_id, writer)
    ) WITH (fillfactor = 70)`,
  ];
}
