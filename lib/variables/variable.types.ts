import type { JsonValue } from '../common/json.js';
import type { VariableEntity } from '../entities/index.js';

/** A variable of a tenant. @publicApi */
export type Variable = Omit<VariableEntity, 'revision'>;

/** One version of a variable. @publicApi */
export interface VariableVersion {
  name: string;
  version: number;
  /** Left out if this change deleted the variable. */
  value?: JsonValue;
  /** Whether this change deleted it. */
  deleted: boolean;
  changedBy: string | null;
  changedAt: Date;
}

/** A variable that was deleted. `listVersions` returns its earlier values. @publicApi */
export interface DeletedVariable {
  name: string;
  /** The version that the deletion made. */
  version: number;
  deletedBy: string | null;
  deletedAt: Date;
}

/** A condition of a change. @publicApi */
export interface VariableCondition {
  /**
   * The version that the change is based on, or 0 if the variable must not exist. If somebody else has changed the
   * variable since, the call throws `VariableChangedError` and changes nothing. Default: no check.
   */
  baseVersion?: number;
}

/** A condition of a change of several variables. @publicApi */
export interface VariablesCondition {
  /** The `baseVersion` of each variable, by name. A variable that is left out here is set whatever its version. */
  baseVersions?: Readonly<Record<string, number>>;
}
