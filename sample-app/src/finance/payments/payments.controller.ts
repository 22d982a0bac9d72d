import { Body, Get, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { MoneyDto } from '../../common/money.js';
import { TenantController, TenantId } from '../../tenancy/tenant.decorators.js';
import type { Payment } from './payment.entity.js';
import { PaymentService } from './payment.service.js';

@TenantController('payments')
export class PaymentsController {
  constructor(private readonly payments: PaymentService) {}

  @Get()
  list(@TenantId() tenantId: string): Promise<Payment[]> {
    return this.payments.list(tenantId);
  }

  @Post()
  create(@TenantId() tenantId: string, @Body() body: MoneyDto): Promise<Payment> {
    return this.payments.create(tenantId, body);
  }

  @Post(':id/complete')
  @HttpCode(200)
  complete(@TenantId() tenantId: string, @Param('id', ParseUUIDPipe) id: string): Promise<Payment> {
    return this.payments.complete(tenantId, id);
  }
}
