import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  DeadLetterService,
  type DeadLetterEntry,
  type DeadLetterSummary,
  type Page,
} from 'nestjs-scripts-event';
import { ActorId, TenantController, TenantId } from '../tenancy/tenant.decorators.js';
import { DiscardDto, ListDeadLettersDto, ReplayManyDto } from './dto/dead-letter.dto.js';

/** The name that is recorded if the request doesn't say who acts. */
const SOMEBODY = 'administrator';

/** What failed or could not run, for the tenant's administrators. */
@TenantController('dead-letters')
export class DeadLettersController {
  constructor(private readonly deadLetters: DeadLetterService) {}

  /** Newest first, without payloads and histories. */
  @Get()
  list(@TenantId() tenantId: string, @Query() query: ListDeadLettersDto): Promise<Page<DeadLetterSummary>> {
    const { limit, cursor, ...filter } = query;
    return this.deadLetters.list(tenantId, filter, { limit, cursor });
  }

  /** With the payload and the history of its attempts. */
  @Get(':id')
  get(@TenantId() tenantId: string, @Param('id') id: string): Promise<DeadLetterEntry> {
    return this.deadLetters.get(tenantId, id);
  }

  /** Replays the exhausted dead letters, or those of another status if the query names it. With `dryRun`, only counts them. */
  @Post('replay')
  @HttpCode(200)
  replayMany(
    @TenantId() tenantId: string,
    @Body() { dryRun, limit, ...filter }: ReplayManyDto,
    @ActorId() by = SOMEBODY,
  ): ReturnType<DeadLetterService['replayMany']> {
    return this.deadLetters.replayMany(tenantId, filter, { by, dryRun, limit });
  }

  @Post(':id/replay')
  @HttpCode(202)
  replay(@TenantId() tenantId: string, @Param('id') id: string, @ActorId() by = SOMEBODY): Promise<void> {
    return this.deadLetters.replay(tenantId, id, { by });
  }

  @Post(':id/discard')
  @HttpCode(204)
  discard(
    @TenantId() tenantId: string,
    @Param('id') id: string,
    @Body() { note }: DiscardDto,
    @ActorId() by = SOMEBODY,
  ): Promise<void> {
    return this.deadLetters.discard(tenantId, id, { by, note });
  }
}
