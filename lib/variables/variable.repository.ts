import type { JsonValue } from '../common/json.js';
import type { VariableEntity } from '../entities/index.js';
import type { TenantRowSource } from '../nodes/tenant-rows.js';
import type { DeletedVariable, Variable, VariableVersion } from './variable.types.js';

/** A variable in memory, with its value as JSON text. */
export type HeldVariable = Pick<VariableEntity, 'tenantId' | 'name' | 'revision'> & { readonly text: string };

/** Port: stores variables. Every method works on one tenant's variables. */
export abstract class VariableRepository {
  /** For {@link TenantRows}. */
  abstract readonly rows: TenantRowSource<HeldVariable>;

  /**
   * Sets all of them or none. A variable that already has the given value is left as it is.
   *
   * @param base by name, the versions that must still be current
   * @throws {TooManyVariablesError} @throws {VariableChangedError}
   */
  abstract set(
    tenantId: string,
    values: Readonly<Record<string, JsonValue>>,
    by: string | null,
    base: Readonly<Record<string, number>>,
  ): Promise<Variable[]>;

  /** Returns whether the variable existed. @throws {VariableChangedError} */
  abstract delete(
    tenantId: string,
    name: string,
    by: string | null,
    base: number | undefined,
  ): Promise<boolean>;

  abstract find(tenantId: string, name: string): Promise<Variable | null>;

  /** The tenant's variables, sorted by name. */
  abstract list(tenantId: string): Promise<Variable[]>;

  /** The newest 200 deleted variables whose versions are still stored. */
  abstract deleted(tenantId: string): Promise<DeletedVariable[]>;

  /** The versions, newest first. */
  abstract versions(tenantId: string, name: string): Promise<VariableVersion[]>;
}
