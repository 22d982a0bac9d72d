import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { NEWEST } from '../../common/found.js';
import type { CreateExpenseDto } from './expense.dto.js';
import { Expense } from './expense.entity.js';

/** What the tenant spends. Emits `expense.created`. */
@Injectable()
export class ExpenseService {
  constructor(
    @InjectRepository(Expense) private readonly expenses: Repository<Expense>,
    private readonly emitter: EventEmitter2,
  ) {}

  list(tenantId: string): Promise<Expense[]> {
    return this.expenses.find({ where: { tenantId }, ...NEWEST });
  }

  async create(tenantId: string, fields: CreateExpenseDto): Promise<Expense> {
    const expense = await this.expenses.save(this.expenses.create({ tenantId, ...fields }));
    const { id: expenseId, amount, category } = expense;
    this.emitter.emit('expense.created', { tenantId, expenseId, amount, category });
    return expense;
  }
}
