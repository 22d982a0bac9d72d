import { Injectable } from '@nestjs/common';
import type { ScriptEntity } from '../../entities/index.js';
import { ScriptService } from '../../scripts/script.service.js';
import type { Reply } from '../http/reply.js';
import { type Call, Route } from '../http/route.js';
import { pageOf } from '../schema/dto.js';
import { AdminController } from './admin.controller.js';
import { conditionOf, neededConditionOf, unlessChanged } from './script-condition.js';
import { SCRIPT_ETAG, SCRIPT_ID, scriptIdOf, scriptReply } from './script-reply.js';
import {
  CompareVersionsQuery,
  ListVersionsQuery,
  RevertScriptBody,
  ScriptDiff,
  ScriptVersion,
  ScriptVersionSummary,
} from './script-versions.dto.js';
import {
  CreateScriptBody,
  ListScriptsQuery,
  SavedScript,
  Script,
  ScriptDeletion,
  ScriptSummary,
  UpdateScriptBody,
} from './scripts.dto.js';

const ScriptSummaryPage = pageOf(ScriptSummary);
const ScriptVersionSummaryPage = pageOf(ScriptVersionSummary);

/** A tenant's scripts and their versions. */
@Injectable()
export class ScriptsController extends AdminController {
  constructor(private readonly scripts: ScriptService) {
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
    answer: SavedScript,
    headers: { ...SCRIPT_ETAG, Location: 'Path of the script.' },
    problems: [409],
  })
  async createScript({ tenantId, body, by }: Call<unknown, CreateScriptBody>): Promise<Reply> {
    const script = await this.scripts.create(tenantId, body, by);
    return this.reply(script, { Location: `scripts/${script.id}` });
  }

  @Route('GET scripts/:id', {
    summary: 'One script with its source.',
    permission: 'read',
    params: SCRIPT_ID,
    answer: Script,
    headers: SCRIPT_ETAG,
    problems: [404],
  })
  async getScript({ tenantId, params }: Call): Promise<Reply> {
    return this.reply(await this.scripts.get(tenantId, scriptIdOf(params)));
  }

  @Route('PATCH scripts/:id', {
    summary: 'Changes the given fields. A source that differs becomes the next version. Requires If-Match.',
    permission: 'write',
    params: SCRIPT_ID,
    body: UpdateScriptBody,
    ifMatch: 'needed',
    answer: SavedScript,
    headers: SCRIPT_ETAG,
    problems: [404, 409, 412, 428],
  })
  async updateScript(call: Call<unknown, UpdateScriptBody>): Promise<Reply> {
    const { tenantId, params, body, by, ifMatch } = call;
    const change = { ...body, ...neededConditionOf(ifMatch) };
    return this.reply(await unlessChanged(this.scripts.update(tenantId, scriptIdOf(params), change, by)));
  }

  @Route('DELETE scripts/:id', {
    summary: 'Deletes a script with its versions; its open dead letters are discarded with a note.',
    permission: 'write',
    params: SCRIPT_ID,
    ifMatch: 'possible',
    answer: ScriptDeletion,
    problems: [404, 412],
  })
  deleteScript({ tenantId, params, by, ifMatch }: Call): Promise<object> {
    return unlessChanged(this.scripts.delete(tenantId, scriptIdOf(params), by, conditionOf(ifMatch)));
  }

  @Route('GET scripts/:id/versions', {
    summary: 'The versions of a script, newest first, without their sources.',
    permission: 'read',
    params: SCRIPT_ID,
    query: ListVersionsQuery,
    answer: ScriptVersionSummaryPage,
    problems: [404],
  })
  async listScriptVersions({ tenantId, params, query }: Call<ListVersionsQuery>): Promise<object> {
    const { limit = 50, cursor } = query;
    const before = cursor === undefined ? {} : { before: cursor };
    const found = await this.scripts.listVersions(tenantId, scriptIdOf(params), {
      limit: limit + 1,
      ...before,
    });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, nextCursor: found.length > limit && last ? String(last.version) : null };
  }

  @Route('GET scripts/:id/versions/:version', {
    summary: 'One version of a script with its source.',
    permission: 'read',
    params: { ...SCRIPT_ID, version: 'Number of the version.' },
    answer: ScriptVersion,
    problems: [404],
  })
  getScriptVersion({ tenantId, params }: Call): Promise<object> {
    return this.scripts.getVersion(tenantId, scriptIdOf(params), Number(params.version));
  }

  @Route('GET scripts/:id/versions/:version/diff', {
    summary: 'What changed from another version to this one, line by line.',
    permission: 'read',
    params: { ...SCRIPT_ID, version: 'Number of the version.' },
    query: CompareVersionsQuery,
    answer: ScriptDiff,
    problems: [404],
  })
  compareScriptVersions({ tenantId, params, query }: Call<CompareVersionsQuery>): Promise<object> {
    const version = Number(params.version);
    const { from = Math.max(version - 1, 1) } = query;
    return this.scripts.compareVersions(tenantId, scriptIdOf(params), from, version);
  }

  @Route('POST scripts/:id/revert', {
    summary: 'Makes the source of an earlier version the newest version. Requires If-Match.',
    permission: 'write',
    params: SCRIPT_ID,
    body: RevertScriptBody,
    ifMatch: 'needed',
    status: 200,
    answer: SavedScript,
    headers: SCRIPT_ETAG,
    problems: [404, 409, 412, 428],
  })
  async revertScript(call: Call<unknown, RevertScriptBody>): Promise<Reply> {
    const { tenantId, params, body, by, ifMatch } = call;
    const options = { by, ...neededConditionOf(ifMatch) };
    const reverted = this.scripts.revert(tenantId, scriptIdOf(params), body.version, options);
    return this.reply(await unlessChanged(reverted));
  }

  private reply(script: ScriptEntity, headers?: Readonly<Record<string, string>>): Promise<Reply> {
    return scriptReply(this.scripts, script, headers);
  }
}
