import { Injectable } from '@nestjs/common';
import { ScriptHealthService } from '../../breaker/script-health.service.js';
import type { ScriptEntity } from '../../entities/index.js';
import { ScriptService } from '../../scripts/script.service.js';
import type { Reply } from '../http/reply.js';
import { type Call, Route } from '../http/route.js';
import { pageOf } from '../schema/dto.js';
import { AdminController } from './admin.controller.js';
import { conditionOf, unlessChanged } from './script-condition.js';
import { ListUnwellQuery, ScriptHealth } from './script-health.dto.js';
import { SCRIPT_ETAG, SCRIPT_ID, scriptIdOf, scriptReply } from './script-reply.js';
import {
  DisableScriptBody,
  PauseScriptBody,
  ResumeScriptBody,
  Script,
  ScriptResumption,
} from './scripts.dto.js';

const ScriptHealthPage = pageOf(ScriptHealth);

/** What the routes that change a script's state have in common. */
const CHANGES_STATE = {
  params: SCRIPT_ID,
  status: 200,
  ifMatch: 'possible',
  problems: [404, 409, 412],
} as const;
/** The same for routes that respond with the script. */
const CHANGES_SCRIPT = { ...CHANGES_STATE, answer: Script, headers: SCRIPT_ETAG } as const;

/** The states and the health of a tenant's scripts. */
@Injectable()
export class ScriptStatesController extends AdminController {
  constructor(
    private readonly scripts: ScriptService,
    private readonly health: ScriptHealthService,
  ) {
    super();
  }

  @Route('GET scripts/:id/health', {
    summary: 'The health of a script, its reason, and what waits for the script.',
    permission: 'read',
    params: SCRIPT_ID,
    answer: ScriptHealth,
    problems: [404],
  })
  async getScriptHealth(call: Call): Promise<object> {
    const { tenantId, params } = call;
    return this.healthSeen(call, await this.health.get(tenantId, scriptIdOf(params)));
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
    ...CHANGES_SCRIPT,
    summary: 'Activates a script, with a clean health record.',
    permission: 'write',
  })
  activateScript({ tenantId, params, by, ifMatch }: Call): Promise<Reply> {
    return this.changed(this.scripts.activate(tenantId, scriptIdOf(params), by, conditionOf(ifMatch)));
  }

  @Route('POST scripts/:id/pause', {
    ...CHANGES_SCRIPT,
    summary: 'Pauses a script. It receives no events until it is activated.',
    permission: 'write',
    body: PauseScriptBody,
  })
  pauseScript({ tenantId, params, body, by, ifMatch }: Call<unknown, PauseScriptBody>): Promise<Reply> {
    const options = { by, ...body, ...conditionOf(ifMatch) };
    return this.changed(this.scripts.pause(tenantId, scriptIdOf(params), options));
  }

  @Route('POST scripts/:id/disable', {
    ...CHANGES_SCRIPT,
    summary: 'Disables a harmful script. Its events are kept, and an alert is sent.',
    permission: 'operate',
    body: DisableScriptBody,
  })
  disableScript({ tenantId, params, body, by, ifMatch }: Call<unknown, DisableScriptBody>): Promise<Reply> {
    const options = { by, ...body, ...conditionOf(ifMatch) };
    return this.changed(this.scripts.disable(tenantId, scriptIdOf(params), options));
  }

  @Route('POST scripts/:id/resume', {
    ...CHANGES_STATE,
    summary: 'Resumes a degraded or disabled script. The body says what happens to its kept events.',
    permission: 'operate',
    body: ResumeScriptBody,
    answer: ScriptResumption,
  })
  resumeScript({ tenantId, params, body, by, ifMatch }: Call<unknown, ResumeScriptBody>): Promise<object> {
    const options = { by, ...body, ...conditionOf(ifMatch) };
    return unlessChanged(this.health.resume(tenantId, scriptIdOf(params), options));
  }

  @Route('POST scripts/:id/archive', {
    ...CHANGES_SCRIPT,
    summary: 'Archives a script. It no longer runs, and its name can be used again.',
    permission: 'write',
  })
  archiveScript({ tenantId, params, by, ifMatch }: Call): Promise<Reply> {
    return this.changed(this.scripts.archive(tenantId, scriptIdOf(params), by, conditionOf(ifMatch)));
  }

  @Route('POST scripts/:id/restore', {
    ...CHANGES_SCRIPT,
    summary: 'Restores an archived script as paused.',
    permission: 'write',
  })
  restoreScript({ tenantId, params, by, ifMatch }: Call): Promise<Reply> {
    return this.changed(this.scripts.restore(tenantId, scriptIdOf(params), by, conditionOf(ifMatch)));
  }

  private async changed(change: Promise<ScriptEntity>): Promise<Reply> {
    return scriptReply(this.scripts, await unlessChanged(change));
  }

  /** The message of a failure is a text of the script, so it is redacted. */
  private healthSeen(call: Call, health: { lastFailure: { message: string } | null }): object {
    const { lastFailure } = health;
    if (!lastFailure) return health;
    return {
      ...health,
      lastFailure: { ...lastFailure, message: this.shown(call).error(lastFailure.message) },
    };
  }
}
