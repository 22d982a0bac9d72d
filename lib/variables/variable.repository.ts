import type { JsonValue } from '../common/json.js';
import type { VariableEntity } from '../entities/index.js';
import type { TenantRowSource } from '../nodes/tenant-rows.js';
import type { Variable, VariableVersion } from './variable.types.js';

/** A variable as it is held in memory: its value as text. */
export type HeldVariable = Pick<VariableEntity, 'tenantId' | 'name' | 'revision'> & { readonly text: string };

/** Port: where variables are kept. Every read and write of some carries the tenant. */
export abstract class VariableRepository {
  /** For {@link TenantRows}. */
  abstract readonly rows: TenantRowSource<HeldVariable>;

  /**
   * Sets all of them or none. A value that a variable has already changes nothing of it.
   *
   * @param base versions that must be the current ones, by name
   * @throws {TooManyVariablesError} @throws {VariableChangedError}
   */
  abstract set(
    tenantId: string,
    values: Readonly<Record<string, JsonValue>>,
    by: string | null,
    base: Readonly<Record<string, number>>,
  ): Promise<Variable[]>;

  /** Whether there was one. @throws {VariableChangedError} */
  abstract delete(
    tenantId: string,
    name: string,
    by: string | null,
    base: number | undefined,
  ): Promise<boolean>;

  abstract find(tenantId: string, name: string): Promise<Variable | null>;

  /** By name. */
  abstract list(tenantId: string): Promise<Variable[]>;

  /** Newest first. */
  abstract versions(tenantId: string, name: string): Promise<VariableVersion[]>;
}
