import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Page } from '../common/page.js';
import type { ScriptEntity, ScriptLanguage, ScriptStatus, ScriptVersionEntity } from '../entities/index.js';
import {
  ScriptChangedError,
  ScriptConflictError,
  ScriptNotFoundError,
  ScriptVersionNotFoundError,
} from './script.errors.js';
import { ScriptIndexSync } from './script-index.sync.js';
import { ScriptRepository, type NewScript, type ScriptChange } from './script.repository.js';
import { statusAfter, type StatusAction } from './script.status.js';
import type {
  CreateScript,
  ScriptDeletion,
  ScriptQuery,
  ScriptVersionQuery,
  ScriptVersionSummary,
  UpdateScript,
} from './script.types.js';
import { ScriptValidator } from './script.validator.js';

/**
 * Tenants' scripts: made, changed, listed, deleted. Every method is about one tenant's scripts; an id of another tenant
 * is an unknown id. A change is in the script index of this process when the call resolves, and in those of all others
 * within a second.
 *
 * `by` is who asks, for the record: an id of the host's choice, up to 200 characters.
 *
 * @publicApi
 */
@Injectable()
export class ScriptService {
  constructor(
    private readonly repository: ScriptRepository,
    private readonly validator: ScriptValidator,
    private readonly indexSync: ScriptIndexSync,
  ) {}

  /**
   * Makes a script with version 1 of its source, as a draft unless `active` is set.
   *
   * @throws {ScriptValidationError} with every problem of the fields
   * @throws {ScriptSourceError} when only the source is wrong: empty, too large, or a syntax error, with its line
   * @throws {TypeScriptSupportError} when it is TypeScript and the package amaro is not installed
   * @throws {SourceChecksFullError} when too many sources of the tenant, or of all, wait to be checked: nothing was saved
   * @throws {SourceCheckStoppedError} when it is TypeScript and the application stops: nothing was saved
   * @throws {DuplicateScriptNameError}
   * @throws {TooManyScriptsError} when it is to be active, and the tenant has `limits.tenantScripts` that listen
   */
  async create(tenantId: string, input: CreateScript, by?: string | null): Promise<ScriptEntity> {
    this.validator.checkTenant(tenantId);
    const createdBy = this.validator.readActor(by);
    const { columns, source, active } = await this.validator.readNew(tenantId, input);
    const status: ScriptStatus = active ? 'active' : 'draft';
    const script = { ...columns, id: uuidv7(), tenantId, status, createdBy } as NewScript;
    return this.published(await this.repository.create(script, source));
  }

  /**
   * Changes fields of a script; a `source` that differs from the current one becomes the next version.
   *
   * @throws the errors of {@link create}, {@link ScriptNotFoundError}, and {@link ScriptConflictError} for a `baseVersion`
   * that is not the current one any more, {@link ScriptChangedError} for such a `baseRevision`
   */
  async update(
    tenantId: string,
    id: string,
    changes: UpdateScript,
    by?: string | null,
  ): Promise<ScriptEntity> {
    this.validator.checkTenant(tenantId);
    const { columns, source, baseVersion, baseRevision } = await this.validator.readChange(
      tenantId,
      changes,
      () => this.languageOf(tenantId, id),
    );
    return this.change(tenantId, id, by, (current) => {
      if (baseRevision !== undefined && baseRevision !== current.revision) {
        throw new ScriptChangedError(id, current.revision);
      }
      if (baseVersion !== undefined && baseVersion !== current.version) {
        throw new ScriptConflictError(id, baseVersion, current.version);
      }
      return { columns, source };
    });
  }

  /**
   * Saves a new version of the source. The same text as the current version makes no new one. Runs under way end with
   * the version they began with.
   *
   * @throws the errors of {@link update}
   */
  async updateSource(
    tenantId: string,
    id: string,
    source: string,
    options: { by?: string | null; baseVersion?: number; language?: ScriptLanguage } = {},
  ): Promise<ScriptEntity> {
    this.validator.checkOptions(options, ['by', 'baseVersion', 'language']);
    const { baseVersion, language } = options;
    // Null, not undefined: a missing source is a mistake here, not "leave it as it is".
    const changes = { source: source ?? null, baseVersion, language } as UpdateScript;
    return this.update(tenantId, id, changes, options.by);
  }

  /**
   * Lets a draft, a paused, a disabled or a degraded script run, as one that has never failed. What was kept for it is
   * due, and runs with the next tick of a retry worker.
   *
   * @throws {ScriptStatusError} @throws {ScriptNotFoundError}
   * @throws {TooManyScriptsError} when it did not listen before, and the tenant has `limits.tenantScripts` that do
   */
  async activate(tenantId: string, id: string, by?: string | null): Promise<ScriptEntity> {
    return this.change(tenantId, id, by, (current) => {
      const status =
        current.degraded && current.status === 'active' ? 'active' : statusAfter(current, 'activate');
      return { columns: { status, statusReason: null, degraded: false } };
    });
  }

  /**
   * Stops an active script from running and from listening: events pass it by, its dead letters wait.
   *
   * @param options.reason why, shown beside the status, up to 2,000 characters; default none
   * @throws the errors of {@link activate}, {@link ScriptValidationError} for options that cannot be
   */
  async pause(
    tenantId: string,
    id: string,
    options: { by?: string | null; reason?: string | null } = {},
  ): Promise<ScriptEntity> {
    this.validator.checkOptions(options, ['by', 'reason']);
    const { by, reason } = options;
    return this.moveTo('pause', tenantId, id, by, this.validator.readReason(reason));
  }

  /**
   * Stops an active script that does harm. Unlike a paused one it goes on listening, and what comes for it is kept as
   * dead letters, up to `breaker.maxHeld`. Everybody who hears of alerts is told.
   *
   * @param options.reason why, in 1 to 2,000 characters: it is in the alert
   * @throws the errors of {@link activate}, {@link ScriptValidationError} for options that cannot be
   */
  async disable(
    tenantId: string,
    id: string,
    options: { by?: string | null; reason: string },
  ): Promise<ScriptEntity> {
    this.validator.checkOptions(options, ['by', 'reason']);
    const { by, reason } = options;
    return this.moveTo('disable', tenantId, id, by, this.validator.readNeededReason(reason));
  }

  /** Puts a script away: it does not run, and its name is free again. @throws the errors of {@link activate} */
  async archive(tenantId: string, id: string, by?: string | null): Promise<ScriptEntity> {
    return this.moveTo('archive', tenantId, id, by, null);
  }

  /**
   * Brings an archived script back, paused.
   *
   * @throws {DuplicateScriptNameError} when its name was taken in between, and the errors of {@link activate}
   */
  async restore(tenantId: string, id: string, by?: string | null): Promise<ScriptEntity> {
    return this.moveTo('restore', tenantId, id, by, null);
  }

  /**
   * Deletes a script with all its versions, whatever its status. Executions stay on record; open dead letters become
   * `discarded`, with a note and who did it. To keep everything, {@link archive} it.
   *
   * @throws {ScriptNotFoundError}
   */
  async delete(tenantId: string, id: string, by?: string | null): Promise<ScriptDeletion> {
    this.validator.checkTenant(tenantId);
    const deletion = await this.repository.delete(tenantId, id, this.validator.readActor(by));
    if (!deletion) throw new ScriptNotFoundError(id);
    await this.indexSync.refresh(id);
    return deletion;
  }

  /** @throws {ScriptNotFoundError} */
  async get(tenantId: string, id: string): Promise<ScriptEntity> {
    return (await this.find(tenantId, id)) ?? notFound(id);
  }

  /** The script, or null. */
  async find(tenantId: string, id: string): Promise<ScriptEntity | null> {
    this.validator.checkTenant(tenantId);
    return this.repository.find(tenantId, id);
  }

  /** The tenant's scripts, newest first, page by page. @throws {ScriptValidationError} for a wrong query */
  async list(tenantId: string, query: ScriptQuery = {}): Promise<Page<ScriptEntity>> {
    this.validator.checkTenant(tenantId);
    this.validator.checkQuery(query);
    return this.repository.list(tenantId, query);
  }

  /** How many scripts a query has on all its pages. @throws {ScriptValidationError} for a wrong query */
  async count(tenantId: string, query: Omit<ScriptQuery, 'limit' | 'cursor'> = {}): Promise<number> {
    this.validator.checkTenant(tenantId);
    this.validator.checkQuery(query);
    return this.repository.count(tenantId, query);
  }

  /** Source of the current version, or of a given one. @throws the errors of {@link getVersion} */
  async getSource(tenantId: string, id: string, version?: number): Promise<string> {
    const wanted = version ?? (await this.get(tenantId, id)).version;
    return (await this.getVersion(tenantId, id, wanted)).source;
  }

  /** One version with its source. @throws {ScriptNotFoundError} @throws {ScriptVersionNotFoundError} */
  async getVersion(tenantId: string, id: string, version: number): Promise<ScriptVersionEntity> {
    const script = await this.get(tenantId, id);
    const known = Number.isInteger(version) && version >= 1 && version <= script.version;
    const found = known ? await this.repository.findVersion(tenantId, id, version) : null;
    if (!found) throw new ScriptVersionNotFoundError(id, version);
    return found;
  }

  /**
   * Its versions, newest first, without their texts: all, or those that are asked for.
   *
   * @throws {ScriptNotFoundError} @throws {ScriptValidationError} for a wrong query
   */
  async listVersions(
    tenantId: string,
    id: string,
    query: ScriptVersionQuery = {},
  ): Promise<ScriptVersionSummary[]> {
    this.validator.checkVersionQuery(query);
    await this.get(tenantId, id);
    return this.repository.listVersions(tenantId, id, query);
  }

  /** What the current version is written in. A script that is not there is found missing by the change itself. */
  private async languageOf(tenantId: string, id: string): Promise<ScriptLanguage> {
    const script = await this.repository.find(tenantId, id);
    const version = script && (await this.repository.findVersion(tenantId, id, script.version));
    return version?.language ?? 'javascript';
  }

  private moveTo(
    action: StatusAction,
    tenantId: string,
    id: string,
    by: string | null | undefined,
    statusReason: string | null,
  ): Promise<ScriptEntity> {
    return this.change(tenantId, id, by, (current) => ({
      columns: { status: statusAfter(current, action), statusReason },
    }));
  }

  private async change(
    tenantId: string,
    id: string,
    by: string | null | undefined,
    decide: (current: ScriptEntity) => ScriptChange,
  ): Promise<ScriptEntity> {
    this.validator.checkTenant(tenantId);
    const changed = await this.repository.change(tenantId, id, this.validator.readActor(by), decide);
    return changed ? this.published(changed) : notFound(id);
  }

  private async published(script: ScriptEntity): Promise<ScriptEntity> {
    await this.indexSync.refresh(script.id);
    return script;
  }
}

function notFound(id: string): never {
  throw new ScriptNotFoundError(id);
}
