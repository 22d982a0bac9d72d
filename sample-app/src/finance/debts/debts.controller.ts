import { Body, Get, Post } from '@nestjs/common';
import { TenantController, TenantId } from '../../tenancy/tenant.decorators.js';
import { CreateDebtDto } from './debt.dto.js';
import type { Debt } from './debt.entity.js';
import { DebtService } from './debt.service.js';

@TenantController('debts')
export class DebtsController {
  constructor(private readonly debts: DebtService) {}

  @Get()
  list(@TenantId() tenantId: string): Promise<Debt[]> {
    return this.debts.list(tenantId);
  }

  @Post()
  create(@TenantId() tenantId: string, @Body() body: CreateDebtDto): Promise<Debt> {
    return this.debts.create(tenantId, body);
  }
}
