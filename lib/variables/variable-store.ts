import type { NodeMessages } from '../nodes/node-messages.js';
import { type TenantState, TenantRows } from '../nodes/tenant-rows.js';
import type { VariableRepository } from './variable.repository.js';

/** Most memory for values, in bytes. Values that exceed it are read from the database when a script needs them. */
const MOST_BYTES = 64 * 1024 * 1024;
const BYTES_PER_CHARACTER = 2;
const BYTES_AROUND = 200;

/** The variables of a tenant at one moment. */
export interface TenantVariables extends TenantState {
  /** The values by name, as one JSON object. */
  readonly text: string;
  readonly names: readonly string[];
}

/** Holds the variables of all tenants in memory. A change in another process arrives within a second. */
export class VariableStore {
  private readonly rows;

  /** @param pollIntervalMs how often it asks the database for changes, in milliseconds */
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

  /** Call this after this process has committed a change of the tenant's variables. */
  changed(tenantId: string): Promise<void> {
    return this.rows.changed(tenantId);
  }

  /** The variables of a tenant. Returns a promise, which may reject, only if they are not in memory. */
  of(tenantId: string): TenantVariables | Promise<TenantVariables> {
    return this.rows.of(tenantId);
  }

  /** The names of the variables that a run of the tenant can read. */
  async namesOf(tenantId: string): Promise<readonly string[]> {
    return (await this.of(tenantId)).names;
  }
}
