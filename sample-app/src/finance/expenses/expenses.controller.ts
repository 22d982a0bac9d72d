import { Body, Get, Post } from '@nestjs/common';
import { TenantController, TenantId } from '../../tenancy/tenant.decorators.js';
import { CreateExpenseDto } from './expense.dto.js';
import type { Expense } from './expense.entity.js';
import { ExpenseService } from './expense.service.js';

@TenantController('expenses')
export class ExpensesController {
  constructor(private readonly expenses: ExpenseService) {}

  @Get()
  list(@TenantId() tenantId: string): Promise<Expense[]> {
    return this.expenses.list(tenantId);
  }

  @Post()
  create(@TenantId() tenantId: string, @Body() body: CreateExpenseDto): Promise<Expense> {
    return this.expenses.create(tenantId, body);
  }
}
