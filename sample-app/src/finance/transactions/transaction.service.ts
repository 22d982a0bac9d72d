import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { NEWEST } from '../../common/found.js';
import type { CreateTransactionDto } from './transaction.dto.js';
import { Transaction } from './transaction.entity.js';

/** Movements on the bank account. Emits `transaction.completed`. */
@Injectable()
export class TransactionService {
  constructor(
    @InjectRepository(Transaction) private readonly transactions: Repository<Transaction>,
    private readonly emitter: EventEmitter2,
  ) {}

  list(tenantId: string): Promise<Transaction[]> {
    return this.transactions.find({ where: { tenantId }, ...NEWEST });
  }

  /** Stores a transaction that the bank has reported. */
  async book(tenantId: string, fields: CreateTransactionDto): Promise<Transaction> {
    const transaction = await this.transactions.save(this.transactions.create({ tenantId, ...fields }));
    this.announce(transaction);
    return transaction;
  }

  /** Emits the event of a stored transaction, for callers that store it in a database transaction of their own. */
  announce({ tenantId, id, amount, status }: Transaction): void {
    this.emitter.emit('transaction.completed', { tenantId, transactionId: id, amount, status });
  }
}
