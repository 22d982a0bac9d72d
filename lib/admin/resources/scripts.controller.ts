import { Injectable } from '@nestjs/common';
import { ScriptHealthService } from '../../breaker/script-health.service.js';
import type { ScriptEntity } from '../../entities/index.js';
import { ScriptChangedError } from '../../scripts/script.errors.js';
import { ScriptService } from '../../scripts/script.service.js';
import { Problem } from '../http/problem.js';
import { Reply } from '../http/reply.js';
import { type Call, Route } from '../http/route.js';
import { pageOf } from '../schema/dto.js';
import { AdminController } from './admin.controller.js';
import { ListUnwellQuery, ScriptHealth } from './script-health.dto.js';
import {
  CreateScriptBody,
  DisableScriptBody,
  ListScriptsQuery,
  ListVersionsQuery,
  PauseScriptBody,
  ResumeScriptBody,
  Script,
  ScriptDeletion,
  ScriptResumption,
  ScriptSummary,
  ScriptVersion,
  ScriptVersionSummary,
  UpdateScriptBody,
} from './scripts.dto.js';

const ID = { id: "The script's id." };
const ETAG = { ETag: "The script's revision, for If-Match." };
const ScriptSummaryPage = pageOf(ScriptSummary);
const ScriptVersionSummaryPage = pageOf(ScriptVersionSummary);
const ScriptHealthPage = pageOf(ScriptHealth);

/** A tenant's scripts, their versions and how they are. */
@Injectable()
export class ScriptsController extends AdminController {
  constructor(
    private readonly scripts: ScriptService,
    private readonly health: ScriptHealthService,
  ) {
    super();
  }

  @Route('GET scripts', {
    summary: "The tenant's scripts, newest first.",
    permission: 'read',
    query: ListScriptsQuery,
    answer: ScriptSummaryPage,
  })
  listScripts({ tenantId, query: { q, ...query } }: Call<ListScriptsQuery>): Promise<object> {
    return this.scripts.list(tenantId, { ...query, ...(q === undefined ? {} : { nameContains: q }) });
  }

  @Route('POST scripts', {
    summary: 'Creates a script, as a draft unless `active` is true.',
    permission: 'write',
    body: CreateScriptBody,
    status: 201,
    answer: Script,
    headers: { ...ETAG, Location: 'Where the script is.' },
    problems: [409],
  })
  async createScript({ tenantId, body, by }: Call<unknown, CreateScriptBody>): Promise<Reply> {
    const script = await this.scripts.create(tenantId, body, by);
    return this.reply(script, { Location: `scripts/${script.id}` });
  }

  @Route('GET scripts/:id', {
    summary: 'One script with its source.',
    permission: 'read',
    params: ID,
    answer: Script,
    headers: ETAG,
    problems: [404],
  })
  async getScript({ tenantId, params }: Call): Promise<Reply> {
    return this.reply(await this.scripts.get(tenantId, idOf(params)));
  }

  @Route('PATCH scripts/:id', {
    summary: 'Changes what is given; a source that differs becomes the next version. Needs If-Match.',
    permission: 'write',
    params: ID,
    body: UpdateScriptBody,
    ifMatch: true,
    answer: Script,
    headers: ETAG,
    problems: [404, 409, 412, 428],
  })
  async updateScript({
    tenantId,
    params,
    body,
    by,
    ifMatch,
  }: Call<unknown, UpdateScriptBody>): Promise<Reply> {
    const baseRevision = revisionOf(ifMatch);
    try {
      const change = { ...body, ...(baseRevision === undefined ? {} : { baseRevision }) };
      return await this.reply(await this.scripts.update(tenantId, idOf(params), change, by));
    } catch (error) {
      if (!(error instanceof ScriptChangedError)) throw error;
      throw new Problem(412, error.code, error.message, { members: { revision: error.currentRevision } });
    }
  }

  @Route('DELETE scripts/:id', {
    summary: 'Deletes a script with its versions; its open dead letters are discarded with a note.',
    permission: 'write',
    params: ID,
    answer: ScriptDeletion,
    problems: [404],
  })
  deleteScript({ tenantId, params, by }: Call): Promise<object> {
    return this.scripts.delete(tenantId, idOf(params), by);
  }

  @Route('GET scripts/:id/versions', {
    summary: 'The versions of a script, newest first, without their texts.',
    permission: 'read',
    params: ID,
    query: ListVersionsQuery,
    answer: ScriptVersionSummaryPage,
    problems: [404],
  })
  async listScriptVersions({ tenantId, params, query }: Call<ListVersionsQuery>): Promise<object> {
    const { limit = 50, cursor } = query;
    const before = cursor === undefined ? {} : { before: cursor };
    const found = await this.scripts.listVersions(tenantId, idOf(params), { limit: limit + 1, ...before });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, nextCursor: found.length > limit && last ? String(last.version) : null };
  }

  @Route('GET scripts/:id/versions/:version', {
    summary: 'One version of a script with its text.',
    permission: 'read',
    params: { ...ID, version: 'Its number.' },
    answer: ScriptVersion,
    problems: [404],
  })
  getScriptVersion({ tenantId, params }: Call): Promise<object> {
    return this.scripts.getVersion(tenantId, idOf(params), Number(params.version));
  }

  @Route('GET scripts/:id/health', {
    summary: 'The health of a script, its reason, and what waits for the script.',
    permission: 'read',
    params: ID,
    answer: ScriptHealth,
    problems: [404],
  })
  async getScriptHealth(call: Call): Promise<object> {
    const { tenantId, params } = call;
    return this.healthSeen(call, await this.health.get(tenantId, idOf(params)));
  }

  @Route('GET script-health', {
    summary: "The tenant's scripts that are degraded or disabled, newest first.",
    permission: 'read',
    query: ListUnwellQuery,
    answer: ScriptHealthPage,
  })
  async listUnwellScripts(call: Call<ListUnwellQuery>): Promise<object> {
    const { state, ...page } = call.query;
    const found = await this.health.list(call.tenantId, state === undefined ? {} : { state }, page);
    return { ...found, items: found.items.map((health) => this.healthSeen(call, health)) };
  }

  @Route('POST scripts/:id/activate', {
    summary: 'Activates a script, with a clean health record.',
    permission: 'write',
    params: ID,
    status: 200,
    answer: Script,
    headers: ETAG,
    problems: [404, 409],
  })
  async activateScript({ tenantId, params, by }: Call): Promise<Reply> {
    return this.reply(await this.scripts.activate(tenantId, idOf(params), by));
  }

  @Route('POST scripts/:id/pause', {
    summary: 'Pauses a script. It receives no events until it is activated.',
    permission: 'write',
    params: ID,
    body: PauseScriptBody,
    status: 200,
    answer: Script,
    headers: ETAG,
    problems: [404, 409],
  })
  async pauseScript({ tenantId, params, body, by }: Call<unknown, PauseScriptBody>): Promise<Reply> {
    return this.reply(await this.scripts.pause(tenantId, idOf(params), { by, ...body }));
  }

  @Route('POST scripts/:id/disable', {
    summary: 'Disables a harmful script. Its events are kept, and an alert is sent.',
    permission: 'operate',
    params: ID,
    body: DisableScriptBody,
    status: 200,
    answer: Script,
    headers: ETAG,
    problems: [404, 409],
  })
  async disableScript({ tenantId, params, body, by }: Call<unknown, DisableScriptBody>): Promise<Reply> {
    return this.reply(await this.scripts.disable(tenantId, idOf(params), { by, ...body }));
  }

  @Route('POST scripts/:id/resume', {
    summary: 'Lets a degraded or disabled script run again, and says what happens to its kept events.',
    permission: 'operate',
    params: ID,
    body: ResumeScriptBody,
    status: 200,
    answer: ScriptResumption,
    problems: [404, 409],
  })
  resumeScript({ tenantId, params, body, by }: Call<unknown, ResumeScriptBody>): Promise<object> {
    return this.health.resume(tenantId, idOf(params), { by, ...body });
  }

  @Route('POST scripts/:id/archive', {
    summary: 'Archives a script. It no longer runs, and its name can be used again.',
    permission: 'write',
    params: ID,
    status: 200,
    answer: Script,
    headers: ETAG,
    problems: [404, 409],
  })
  async archiveScript({ tenantId, params, by }: Call): Promise<Reply> {
    return this.reply(await this.scripts.archive(tenantId, idOf(params), by));
  }

  @Route('POST scripts/:id/restore', {
    summary: 'Restores an archived script as paused.',
    permission: 'write',
    params: ID,
    status: 200,
    answer: Script,
    headers: ETAG,
    problems: [404, 409],
  })
  async restoreScript({ tenantId, params, by }: Call): Promise<Reply> {
    return this.reply(await this.scripts.restore(tenantId, idOf(params), by));
  }

  private async reply(script: ScriptEntity, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const { tenantId, id, version, revision } = script;
    const { source, language } = await this.scripts.getVersion(tenantId, id, version);
    return new Reply({ ...script, source, language }, { ETag: `"${revision}"`, ...headers });
  }

  /** The message of a failure is the script's own text. */
  private healthSeen(call: Call, health: { lastFailure: { message: string } | null }): object {
    const { lastFailure } = health;
    if (!lastFailure) return health;
    return {
      ...health,
      lastFailure: { ...lastFailure, message: this.shown(call).error(lastFailure.message) },
    };
  }
}

const idOf = ({ id }: Readonly<Record<string, string>>): string => id ?? '';

/** The revision that `If-Match` names; undefined for any. */
function revisionOf(ifMatch: string | undefined): string | undefined {
  if (ifMatch === undefined)
    throw new Problem(428, 'if-match-needed', 'Send If-Match with the ETag of the script that was edited.');
  if (ifMatch.trim() === '*') return undefined;
  const [, revision] = /^\s*(?:W\/)?"(\d{1,19})"\s*$/.exec(ifMatch) ?? [];
  // An entity tag that is none of ours matches nothing.
  return revision ?? 'none';
}
