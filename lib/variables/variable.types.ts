import type { JsonValue } from '../common/json.js';
import type { VariableEntity } from '../entities/index.js';

/** A variable of a tenant. @publicApi */
export type Variable = Omit<VariableEntity, 'revision'>;

/** What a variable was. @publicApi */
export interface VariableVersion {
  name: string;
  version: number;
  /** Left out where this change deleted the variable. */
  value?: JsonValue;
  /** Whether this change deleted it. */
  deleted: boolean;
  changedBy: string | null;
  changedAt: Date;
}

/** A condition of a change. @publicApi */
export interface VariableCondition {
  /**
   * The version that the change is based on; 0: that there is no such variable. Given, no change of somebody else in between is
   * overwritten: the call throws `VariableChangedError`.
   */
  baseVersion?: number;
}
