import type { NodeMessages } from '../nodes/node-messages.js';
import { type Held, TenantRows } from '../nodes/tenant-rows.js';
import type { VariableRepository } from './variable.repository.js';

/** Memory for values. What is over it is read when a script runs that reads them. */
const MOST_BYTES = 64 * 1024 * 1024;
const BYTES_PER_CHARACTER = 2;
const BYTES_AROUND = 200;

/** The variables of a tenant at one moment. */
export interface TenantVariables extends Held {
  /** As one object in JSON. */
  readonly text: string;
  readonly names: readonly string[];
}

/** The variables of all tenants in memory, fresh within a second. */
export class VariableStore {
  private readonly rows;

  /** @param pollIntervalMs milliseconds between two looks at the database */
  constructor(repository: VariableRepository, messages: NodeMessages, pollIntervalMs: number) {
    this.rows = new TenantRows(repository.rows, messages, {
      kind: 'variables',
      pollIntervalMs,
      maxBytes: MOST_BYTES,
      make: (rows): TenantVariables => {
        const text = `{${rows.map(({ name, text: value }) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
        const bytes = text.length * BYTES_PER_CHARACTER + BYTES_AROUND;
        return { text, names: rows.map(({ name }) => name), bytes };
      },
    });
  }

  start(): Promise<void> {
    return this.rows.start();
  }

  stop(timeoutMs: number): Promise<void> {
    return this.rows.stop(timeoutMs);
  }

  /** A change of the tenant's variables was committed here. */
  changed(tenantId: string): Promise<void> {
    return this.rows.changed(tenantId);
  }

  /** The variables of a tenant; a promise, which may reject, only when they are not in memory. */
  of(tenantId: string): TenantVariables | Promise<TenantVariables> {
    return this.rows.of(tenantId);
  }

  /** The names of the tenant's variables, as runs find them. */
  async namesOf(tenantId: string): Promise<readonly string[]> {
    return (await this.of(tenantId)).names;
  }
}
