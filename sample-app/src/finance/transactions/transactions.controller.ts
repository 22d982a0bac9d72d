import { Body, Get, Post } from '@nestjs/common';
import { TenantController, TenantId } from '../../tenancy/tenant.decorators.js';
import { CreateTransactionDto } from './transaction.dto.js';
import type { Transaction } from './transaction.entity.js';
import { TransactionService } from './transaction.service.js';

@TenantController('transactions')
export class TransactionsController {
  constructor(private readonly transactions: TransactionService) {}

  @Get()
  list(@TenantId() tenantId: string): Promise<Transaction[]> {
    return this.transactions.list(tenantId);
  }

  @Post()
  book(@TenantId() tenantId: string, @Body() body: CreateTransactionDto): Promise<Transaction> {
    return this.transactions.book(tenantId, body);
  }
}
