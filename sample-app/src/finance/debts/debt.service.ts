import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { NEWEST } from '../../common/found.js';
import type { CreateDebtDto } from './debt.dto.js';
import { Debt } from './debt.entity.js';

/** Debts to the tenant and of the tenant. Emits `debt.created`. */
@Injectable()
export class DebtService {
  constructor(
    @InjectRepository(Debt) private readonly debts: Repository<Debt>,
    private readonly emitter: EventEmitter2,
  ) {}

  list(tenantId: string): Promise<Debt[]> {
    return this.debts.find({ where: { tenantId }, ...NEWEST });
  }

  async create(tenantId: string, fields: CreateDebtDto): Promise<Debt> {
    const debt = await this.debts.save(this.debts.create({ tenantId, ...fields }));
    const { id: debtId, amount, currency, type } = debt;
    this.emitter.emit('debt.created', { tenantId, debtId, amount, currency, type });
    return debt;
  }
}
