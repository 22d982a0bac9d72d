import type { ScriptEntity } from '../entities/index.js';
import { ScriptChangedError, ScriptNotFoundError } from './script.errors.js';
import type { ScriptIndexSync } from './script-index.sync.js';
import type { ScriptChange, ScriptRepository } from './script.repository.js';
import { statusAfter, type StatusAction } from './script.status.js';
import type { ScriptValidator } from './script.validator.js';

/** Which script to change, and who asks for it. */
export interface ChangeRequest {
  tenantId: string;
  id: string;
  by: string | null | undefined;
}

/**
 * Changes a script while its row is locked. When the call resolves, the script index of this process has the change.
 */
export class ScriptChanges {
  constructor(
    private readonly repository: ScriptRepository,
    private readonly validator: ScriptValidator,
    private readonly indexSync: ScriptIndexSync,
  ) {}

  /**
   * @param decide what to change; the script's row is locked meanwhile
   * @throws ScriptNotFoundError if the tenant has no such script
   */
  async change(
    { tenantId, id, by }: ChangeRequest,
    decide: (current: ScriptEntity) => ScriptChange,
  ): Promise<ScriptEntity> {
    this.validator.checkTenant(tenantId);
    const changed = await this.repository.change(tenantId, id, this.validator.readActor(by), decide);
    if (!changed) throw new ScriptNotFoundError(id);
    return this.published(changed);
  }

  /**
   * Gives a script the status that the action leads to.
   *
   * @param baseRevision the revision that it must have; undefined: any
   * @throws ScriptChangedError if it has another revision
   * @throws ScriptStatusError if its present status doesn't allow the action
   */
  moveTo(
    action: StatusAction,
    request: ChangeRequest,
    statusReason: string | null,
    baseRevision: string | undefined,
  ): Promise<ScriptEntity> {
    return this.change(request, (current) => {
      refuseChanged(current, baseRevision);
      return { columns: { status: statusAfter(current, action), statusReason } };
    });
  }

  /** Updates the script index with a script that was stored. */
  async published(script: ScriptEntity): Promise<ScriptEntity> {
    await this.indexSync.refresh(script.id);
    return script;
  }
}

/** Throws ScriptChangedError if the locked script has another revision than the caller has seen. */
export function refuseChanged({ id, revision }: ScriptEntity, base: string | undefined): void {
  if (base !== undefined && base !== revision) throw new ScriptChangedError(id, revision);
}
