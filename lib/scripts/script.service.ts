import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Page } from '../common/page.js';
import type { ScriptEntity, ScriptLanguage, ScriptStatus, ScriptVersionEntity } from '../entities/index.js';
import { ScriptConflictError, ScriptNotFoundError, ScriptVersionNotFoundError } from './script.errors.js';
import { scriptWarnings } from './filter-warnings.js';
import { KnownEventTypes } from './known-event-types.js';
import { ScriptIndexSync } from './script-index.sync.js';
import { refuseChanged, ScriptChanges } from './script-changes.js';
import { ScriptRepository, type NewScript } from './script.repository.js';
import { checkScriptQuery, checkVersionQuery } from './script.queries.js';
import { type ScriptDiff, sourceDiff } from './source-diff.js';
import { statusAfter } from './script.status.js';
import type {
  CreateScript,
  ScriptCondition,
  SavedScript,
  SourceText,
  ScriptDeletion,
  ScriptQuery,
  ScriptVersionQuery,
  ScriptVersionSummary,
  UpdateScript,
} from './script.types.js';
import { ScriptValidator } from './script.validator.js';
import { SourceWarnings } from './source-warnings.js';

/**
 * Creates, changes, lists and deletes scripts. Every method works on one tenant's scripts; another tenant's scripts are
 * not found. A change is in this process's script index when the call resolves, and in those of other processes within
 * a second.
 *
 * `by` names who makes the change and is stored with it: an id that you choose, up to 200 characters.
 *
 * @publicApi
 */
@Injectable()
export class ScriptService {
  private readonly changes: ScriptChanges;

  /** @internal */
  constructor(
    private readonly repository: ScriptRepository,
    private readonly validator: ScriptValidator,
    private readonly indexSync: ScriptIndexSync,
    private readonly events: KnownEventTypes,
    private readonly sources: SourceWarnings,
  ) {
    this.changes = new ScriptChanges(repository, validator, indexSync);
  }

  /**
   * Creates a script with version 1 of its source, as a draft unless `active` is set. `warnings` says what is probably
   * wrong with its filter, and which secrets and variables it reads that it doesn't have.
   *
   * @throws {ScriptValidationError} with every problem of the fields
   * @throws {ScriptSourceError} if only the source is wrong: empty, too large, or a syntax error, with its line
   * @throws {TypeScriptSupportError} if it is TypeScript and the package amaro is not installed
   * @throws {TypeScriptStartError} if it is TypeScript and the system refuses the thread that removes its types
   * @throws {SourceChecksFullError} if too many sources of the tenant, or of all tenants, wait to be checked; nothing
   * was saved
   * @throws {SourceCheckStoppedError} if it is TypeScript and the application is stopping; nothing was saved
   * @throws {DuplicateScriptNameError} if another script of the tenant, not archived, has the name
   * @throws {TooManyScriptsError} if it is to be active and the tenant already has `limits.tenantScripts` that listen
   */
  async create(tenantId: string, input: CreateScript, by?: string | null): Promise<SavedScript> {
    this.validator.checkTenant(tenantId);
    const createdBy = this.validator.readActor(by);
    const { columns, source, active } = await this.validator.readNew(tenantId, input);
    const status: ScriptStatus = active ? 'active' : 'draft';
    const script = { ...columns, id: uuidv7(), tenantId, status, createdBy } as NewScript;
    return this.warned(await this.changes.published(await this.repository.create(script, source)), source);
  }

  /**
   * Changes fields of a script; a `source` that differs from the current one becomes the next version. `warnings` says
   * what is probably wrong with the changed script, as for {@link create}.
   *
   * @throws the errors of {@link create}, {@link ScriptNotFoundError}, {@link ScriptConflictError} for a `baseVersion`
   * that is no longer the current one, and {@link ScriptChangedError} for such a `baseRevision`
   */
  async update(
    tenantId: string,
    id: string,
    changes: UpdateScript,
    by?: string | null,
  ): Promise<SavedScript> {
    this.validator.checkTenant(tenantId);
    const { columns, source, baseVersion, baseRevision } = await this.validator.readChange(
      tenantId,
      changes,
      () => this.languageOf(tenantId, id),
    );
    const changed = await this.changes.change({ tenantId, id, by }, (current) => {
      refuseChanged(current, baseRevision);
      if (baseVersion !== undefined && baseVersion !== current.version) {
        throw new ScriptConflictError(id, baseVersion, current.version);
      }
      this.validator.checkRunsForSomething({ ...current, ...columns });
      return { columns, source };
    });
    return this.warned(changed, source);
  }

  /**
   * Saves a new version of the source. If the text is the same as in the current version, no new version is made. A run
   * in progress ends with the version that it began with.
   *
   * @throws the errors of {@link update}
   */
  async updateSource(
    tenantId: string,
    id: string,
    source: string,
    options: { by?: string | null; baseVersion?: number; language?: ScriptLanguage } = {},
  ): Promise<SavedScript> {
    this.validator.checkOptions(options, ['by', 'baseVersion', 'language']);
    const { baseVersion, language } = options;
    // Null, not undefined: a missing source is a mistake here and doesn't mean "unchanged".
    const changes = { source: source ?? null, baseVersion, language } as UpdateScript;
    return this.update(tenantId, id, changes, options.by);
  }

  /**
   * Goes back to an earlier version: its source becomes the newest version, and nothing is lost. Other fields stay as
   * they are. If the text is the same as in the current version, no new version is made.
   *
   * @throws {ScriptVersionNotFoundError} and the errors of {@link update}
   */
  async revert(
    tenantId: string,
    id: string,
    version: number,
    options: ScriptCondition & { by?: string | null } = {},
  ): Promise<SavedScript> {
    this.validator.checkOptions(options, ['by', 'baseRevision']);
    const { by, baseRevision } = options;
    const { source, language } = await this.getVersion(tenantId, id, version);
    const base = baseRevision === undefined ? {} : { baseRevision };
    return this.update(tenantId, id, { source, language, ...base }, by);
  }

  /**
   * Makes a draft, paused, disabled or degraded script run, and resets its count of failures. Its kept events become
   * due: the retry worker runs them at its next tick.
   *
   * @throws {ScriptStatusError} @throws {ScriptNotFoundError}
   * @throws {ScriptChangedError} for a `baseRevision` that is no longer the current one
   * @throws {TooManyScriptsError} if it didn't listen before and the tenant already has `limits.tenantScripts` that do
   */
  async activate(
    tenantId: string,
    id: string,
    by?: string | null,
    condition: ScriptCondition = {},
  ): Promise<ScriptEntity> {
    const base = this.validator.readCondition(condition);
    return this.changes.change({ tenantId, id, by }, (current) => {
      refuseChanged(current, base);
      const status =
        current.degraded && current.status === 'active' ? 'active' : statusAfter(current, 'activate');
      return { columns: { status, statusReason: null, degraded: false } };
    });
  }

  /**
   * Stops an active script from running and from listening: new events don't reach it, and its dead letters wait.
   *
   * @param options.reason why, shown beside the status, up to 2,000 characters; default none
   * @throws the errors of {@link activate}, {@link ScriptValidationError} for invalid options
   */
  async pause(
    tenantId: string,
    id: string,
    options: ScriptCondition & { by?: string | null; reason?: string | null } = {},
  ): Promise<ScriptEntity> {
    this.validator.checkOptions(options, ['by', 'reason', 'baseRevision']);
    const { by, reason, ...condition } = options;
    const read = this.validator.readReason(reason);
    const base = this.validator.readCondition(condition);
    return this.changes.moveTo('pause', { tenantId, id, by }, read, base);
  }

  /**
   * Stops a harmful active script. Unlike a paused one it still listens, and its events are kept as dead letters, up to
   * `breaker.maxHeld`. It raises an alert.
   *
   * @param options.reason why, in 1 to 2,000 characters; shown in the alert
   * @throws the errors of {@link activate}, {@link ScriptValidationError} for invalid options
   */
  async disable(
    tenantId: string,
    id: string,
    options: ScriptCondition & { by?: string | null; reason: string },
  ): Promise<ScriptEntity> {
    this.validator.checkOptions(options, ['by', 'reason', 'baseRevision']);
    const { by, reason, ...condition } = options;
    const read = this.validator.readNeededReason(reason);
    const base = this.validator.readCondition(condition);
    return this.changes.moveTo('disable', { tenantId, id, by }, read, base);
  }

  /** Archives a script: it doesn't run, and its name is free again. @throws the errors of {@link activate} */
  async archive(
    tenantId: string,
    id: string,
    by?: string | null,
    condition: ScriptCondition = {},
  ): Promise<ScriptEntity> {
    const base = this.validator.readCondition(condition);
    return this.changes.moveTo('archive', { tenantId, id, by }, null, base);
  }

  /**
   * Restores an archived script, as paused.
   *
   * @throws {DuplicateScriptNameError} if its name was taken in the meantime, and the errors of {@link activate}
   */
  async restore(
    tenantId: string,
    id: string,
    by?: string | null,
    condition: ScriptCondition = {},
  ): Promise<ScriptEntity> {
    const base = this.validator.readCondition(condition);
    return this.changes.moveTo('restore', { tenantId, id, by }, null, base);
  }

  /**
   * Deletes a script with all its versions, whatever its status. Executions stay on record; open dead letters become
   * `discarded`, with a note and who did it. To keep everything, {@link archive} it.
   *
   * @throws {ScriptNotFoundError}
   * @throws {ScriptChangedError} for a `baseRevision` that is no longer the current one
   */
  async delete(
    tenantId: string,
    id: string,
    by?: string | null,
    condition: ScriptCondition = {},
  ): Promise<ScriptDeletion> {
    this.validator.checkTenant(tenantId);
    const base = this.validator.readCondition(condition);
    const check = (current: ScriptEntity): void => refuseChanged(current, base);
    const deletion = await this.repository.delete(tenantId, id, this.validator.readActor(by), check);
    if (!deletion) throw new ScriptNotFoundError(id);
    await this.indexSync.refresh(id);
    return deletion;
  }

  /** @throws {ScriptNotFoundError} */
  async get(tenantId: string, id: string): Promise<ScriptEntity> {
    return (await this.find(tenantId, id)) ?? notFound(id);
  }

  /** The script, or null if the tenant has none with this id. */
  async find(tenantId: string, id: string): Promise<ScriptEntity | null> {
    this.validator.checkTenant(tenantId);
    return this.repository.find(tenantId, id);
  }

  /** Names by ids, for records that refer to scripts. @internal */
  namesOf(tenantId: string, ids: readonly string[]): Promise<Map<string, string>> {
    return this.repository.namesOf(tenantId, ids);
  }

  /** The tenant's scripts, newest first, page by page. @throws {ScriptValidationError} for an invalid query */
  async list(tenantId: string, query: ScriptQuery = {}): Promise<Page<ScriptEntity>> {
    this.validator.checkTenant(tenantId);
    checkScriptQuery(query);
    return this.repository.list(tenantId, query);
  }

  /** How many scripts match a query, on all pages. @throws {ScriptValidationError} for an invalid query */
  async count(tenantId: string, query: Omit<ScriptQuery, 'limit' | 'cursor'> = {}): Promise<number> {
    this.validator.checkTenant(tenantId);
    checkScriptQuery(query);
    return this.repository.count(tenantId, query);
  }

  /**
   * How many scripts of the tenant, including archived ones, name each secret in their `secrets`. A secret that no
   * script names has no entry.
   */
  async countBySecret(tenantId: string): Promise<Map<string, number>> {
    this.validator.checkTenant(tenantId);
    return this.repository.countBySecret(tenantId);
  }

  /** The source of the current version, or of the given one. @throws the errors of {@link getVersion} */
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
   * The versions of a script, newest first, without their sources: all, or those that match the query.
   *
   * @throws {ScriptNotFoundError} @throws {ScriptValidationError} for an invalid query
   */
  async listVersions(
    tenantId: string,
    id: string,
    query: ScriptVersionQuery = {},
  ): Promise<ScriptVersionSummary[]> {
    checkVersionQuery(query);
    await this.get(tenantId, id);
    return this.repository.listVersions(tenantId, id, query);
  }

  /**
   * What changed from one version to another, line by line.
   *
   * @throws {ScriptNotFoundError} @throws {ScriptVersionNotFoundError}
   */
  async compareVersions(tenantId: string, id: string, from: number, to: number): Promise<ScriptDiff> {
    const before = await this.getVersion(tenantId, id, from);
    const after = await this.getVersion(tenantId, id, to);
    return sourceDiff(from, before.source, to, after.source);
  }

  /** The language of the current version. If the script doesn't exist, the change itself reports that. */
  private async languageOf(tenantId: string, id: string): Promise<ScriptLanguage> {
    const script = await this.repository.find(tenantId, id);
    const version = script && (await this.repository.findVersion(tenantId, id, script.version));
    return version?.language ?? 'javascript';
  }

  private async warned(script: ScriptEntity, saved?: SourceText): Promise<SavedScript> {
    const { id, version } = script;
    const source = (): string | Promise<string | null> =>
      saved ? (saved.compiled ?? saved.source) : this.repository.sourceOf(id, version);
    const ofSource = await this.sources.of(script, source);
    return Object.assign(script, { warnings: [...scriptWarnings(script, this.events), ...ofSource] });
  }
}

function notFound(id: string): never {
  throw new ScriptNotFoundError(id);
}
