import { Body, HttpCode, Post } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { TenantController, TenantId } from '../../tenancy/tenant.decorators.js';
import { RequestReportDto } from './report.dto.js';

/** This app's own event type, beside the fifteen of the package: `app.module.ts` declares its fields. */
export const REPORT_REQUESTED = 'report.requested';

/** Requests reports, which the tenants' scripts make. Emits `report.requested`. */
@TenantController('reports')
export class ReportsController {
  constructor(private readonly emitter: EventEmitter2) {}

  @Post()
  @HttpCode(202)
  request(@TenantId() tenantId: string, @Body() { month }: RequestReportDto): { month: string } {
    this.emitter.emit(REPORT_REQUESTED, { tenantId, month });
    return { month };
  }
}
