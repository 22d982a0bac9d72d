import type { QueuedEvent } from '../buffer/queued-event.js';
import { isOutage } from '../common/database-failure.js';
import type { ScriptEntity } from '../entities/index.js';
import { type IndexedScript, ScriptIndex } from '../scripts/script-index.js';
import { ScriptIndexSync } from '../scripts/script-index.sync.js';
import { ScriptRepository } from '../scripts/script.repository.js';
import {
  ScriptNotFoundError,
  ScriptStorageAwayError,
  ScriptVersionNotFoundError,
} from '../scripts/script.errors.js';
import { ScriptSources } from '../scripts/script-sources.js';
import { ScriptNotRunnableError } from './execution.errors.js';
import type { ExecutionNotRun } from './execution.types.js';
import { notRunAs } from './not-run.js';

/** A script that may run, with the source of its current version. */
export interface ScriptToRun {
  script: IndexedScript;
  source: string;
}

/** Finds scripts that may run: in memory, or in the database if the index doesn't know them. */
export class RunnableScripts {
  constructor(
    private readonly index: ScriptIndex,
    private readonly indexSync: ScriptIndexSync,
    private readonly scripts: ScriptRepository,
    private readonly sources: ScriptSources,
  ) {}

  /**
   * The script of a queued event, or the reason why it doesn't run. Returns a promise only if something is not in
   * memory.
   *
   * @throws ScriptStorageAwayError when it is not in memory and the database is unavailable
   */
  forEvent(
    event: Pick<QueuedEvent, 'tenantId' | 'scriptId'>,
  ): ScriptToRun | Promise<ScriptToRun | ExecutionNotRun> {
    const script = this.index.get(event.scriptId);
    const source = script && this.sources.known(script.id, script.version);
    if (source !== undefined && script?.tenantId === event.tenantId) return { script, source };
    return this.lookFor(event);
  }

  private async lookFor(
    event: Pick<QueuedEvent, 'tenantId' | 'scriptId'>,
  ): Promise<ScriptToRun | ExecutionNotRun> {
    const script = await this.activeScript(event);
    if ('status' in script) return script;
    const source = await this.sourceOf(script);
    if (source === null) return notRunAs(await this.storedScript(event.tenantId, event.scriptId));
    return { script, source };
  }

  /**
   * Checks a script before a run by hand.
   *
   * @throws ScriptNotFoundError for an unknown id, or one of another tenant
   * @throws ScriptNotRunnableError if the script is not active
   */
  async checkRunnable(tenantId: string, scriptId: string): Promise<void> {
    if (this.index.get(scriptId)?.tenantId === tenantId) return;
    const stored = await this.scripts.find(tenantId, scriptId);
    if (!stored) throw new ScriptNotFoundError(scriptId);
    if (stored.status !== 'active') throw new ScriptNotRunnableError(scriptId, stored.status);
  }

  private async activeScript({
    scriptId,
    tenantId,
  }: Pick<QueuedEvent, 'tenantId' | 'scriptId'>): Promise<IndexedScript | ExecutionNotRun> {
    const known = this.index.get(scriptId);
    if (known?.tenantId === tenantId) return known;
    const stored = await this.storedScript(tenantId, scriptId);
    // Another node may have activated it a moment ago, and its event may arrive before the index knows.
    if (stored?.status === 'active') await this.indexSync.refresh(scriptId);
    return (stored && this.index.get(scriptId)) ?? notRunAs(stored);
  }

  private async storedScript(tenantId: string, scriptId: string): Promise<ScriptEntity | null> {
    try {
      return await this.scripts.find(tenantId, scriptId);
    } catch (error) {
      throw isOutage(error) ? new ScriptStorageAwayError(error) : error;
    }
  }

  /** Null if the script was deleted just now, before the index knew. */
  private async sourceOf({ id, version }: IndexedScript): Promise<string | null> {
    try {
      return await this.sources.get(id, version);
    } catch (error) {
      if (error instanceof ScriptVersionNotFoundError) return null;
      throw error;
    }
  }
}
