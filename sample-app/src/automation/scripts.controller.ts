import { Body, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import {
  ScheduleService,
  ScriptHealthService,
  ScriptService,
  TestRunService,
  type Page,
  type Resumption,
  type SavedScript,
  type ScheduleState,
  type ScriptDeletion,
  type ScriptEntity,
  type ScriptHealth,
  type TestRunResult,
} from 'nestjs-scripts-event';
import { ActorId, TenantController, TenantId } from '../tenancy/tenant.decorators.js';
import { ListScriptsDto } from './dto/list-scripts.dto.js';
import { CreateScriptDto, PauseScriptDto, ResumeScriptDto, UpdateSourceDto } from './dto/script.dto.js';
import { TestRunDto } from './dto/test-run.dto.js';

/** A tenant's scripts, for its administrators. */
@TenantController('scripts')
export class ScriptsController {
  constructor(
    private readonly scripts: ScriptService,
    private readonly tests: TestRunService,
    private readonly health: ScriptHealthService,
    private readonly schedules: ScheduleService,
  ) {}

  @Get()
  list(@TenantId() tenantId: string, @Query() query: ListScriptsDto): Promise<Page<ScriptEntity>> {
    return this.scripts.list(tenantId, { ...query });
  }

  @Get(':id')
  async get(
    @TenantId() tenantId: string,
    @Param('id') id: string,
  ): Promise<ScriptEntity & { source: string }> {
    const script = await this.scripts.get(tenantId, id);
    return { ...script, source: await this.scripts.getSource(tenantId, id, script.version) };
  }

  /** The schedules of a script, with their next times. */
  @Get(':id/schedules')
  listSchedules(@TenantId() tenantId: string, @Param('id') id: string): Promise<ScheduleState[]> {
    return this.schedules.list(tenantId, id);
  }

  /** The health of a script: healthy, degraded or disabled, the reason, and how many events wait for it. */
  @Get(':id/health')
  getHealth(@TenantId() tenantId: string, @Param('id') id: string): Promise<ScriptHealth> {
    return this.health.get(tenantId, id);
  }

  @Post()
  create(
    @TenantId() tenantId: string,
    @Body() body: CreateScriptDto,
    @ActorId() by?: string,
  ): Promise<SavedScript> {
    return this.scripts.create(tenantId, body, by);
  }

  /** Saves a new version. Executions that have begun end with the version that they began with. */
  @Put(':id/source')
  updateSource(
    @TenantId() tenantId: string,
    @Param('id') id: string,
    @Body() { source, ...options }: UpdateSourceDto,
    @ActorId() by?: string,
  ): Promise<SavedScript> {
    return this.scripts.updateSource(tenantId, id, source, { by, ...options });
  }

  /** Makes a test run of a script, or of an unsaved source if the body has one. It leaves nothing but a record. */
  @Post(':id/test')
  @HttpCode(200)
  test(
    @TenantId() tenantId: string,
    @Param('id') scriptId: string,
    @Body() { event, ...draft }: TestRunDto,
    @ActorId() by?: string,
  ): Promise<TestRunResult> {
    return this.tests.run(tenantId, { ...draft, scriptId }, event, { by });
  }

  @Post(':id/activate')
  @HttpCode(200)
  activate(
    @TenantId() tenantId: string,
    @Param('id') id: string,
    @ActorId() by?: string,
  ): Promise<ScriptEntity> {
    return this.scripts.activate(tenantId, id, by);
  }

  @Post(':id/pause')
  @HttpCode(200)
  pause(
    @TenantId() tenantId: string,
    @Param('id') id: string,
    @Body() { reason }: PauseScriptDto,
    @ActorId() by?: string,
  ): Promise<ScriptEntity> {
    return this.scripts.pause(tenantId, id, { by, reason });
  }

  /** Makes a degraded or disabled script healthy again. The events that were held for it run. */
  @Post(':id/resume')
  @HttpCode(200)
  resume(
    @TenantId() tenantId: string,
    @Param('id') id: string,
    @Body() { replay }: ResumeScriptDto,
    @ActorId() by = 'an administrator',
  ): Promise<Resumption> {
    return this.health.resume(tenantId, id, { by, replay });
  }

  /** Deletes a script. Its execution records stay; its open dead letters are discarded with a note. */
  @Delete(':id')
  delete(
    @TenantId() tenantId: string,
    @Param('id') id: string,
    @ActorId() by?: string,
  ): Promise<ScriptDeletion> {
    return this.scripts.delete(tenantId, id, by);
  }
}
