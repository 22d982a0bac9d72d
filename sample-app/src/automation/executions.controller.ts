import { Get, Param, Query } from '@nestjs/common';
import {
  ExecutionService,
  type ExecutionRecord,
  type ExecutionSummary,
  type Page,
  type RunningExecution,
} from 'nestjs-scripts-event';
import { TenantController, TenantId } from '../tenancy/tenant.decorators.js';
import { ListExecutionsDto } from './dto/list-executions.dto.js';

/** What the tenant's scripts did, for its administrators. */
@TenantController('executions')
export class ExecutionsController {
  constructor(private readonly executions: ExecutionService) {}

  /** Newest first, without logs and results. */
  @Get()
  list(@TenantId() tenantId: string, @Query() query: ListExecutionsDto): Promise<Page<ExecutionSummary>> {
    const { limit, cursor, ...filter } = query;
    return this.executions.list(tenantId, filter, { limit, cursor });
  }

  /** What this process runs now. */
  @Get('running')
  listRunning(@TenantId() tenantId: string): RunningExecution[] {
    return this.executions.listRunning(tenantId);
  }

  /** With logs, result and error. */
  @Get(':id')
  get(@TenantId() tenantId: string, @Param('id') id: string): Promise<ExecutionRecord> {
    return this.executions.get(tenantId, id);
  }
}
