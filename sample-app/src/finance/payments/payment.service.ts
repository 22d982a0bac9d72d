import { ConflictException, Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { found, NEWEST } from '../../common/found.js';
import type { MoneyDto } from '../../common/money.js';
import { Transaction } from '../transactions/transaction.entity.js';
import { TransactionService } from '../transactions/transaction.service.js';
import { Payment } from './payment.entity.js';

/** Payments of clients. Emits `payment.created` and `payment.completed`. */
@Injectable()
export class PaymentService {
  constructor(
    @InjectRepository(Payment) private readonly payments: Repository<Payment>,
    private readonly transactions: TransactionService,
    private readonly emitter: EventEmitter2,
  ) {}

  list(tenantId: string): Promise<Payment[]> {
    return this.payments.find({ where: { tenantId }, ...NEWEST });
  }

  async create(tenantId: string, fields: MoneyDto): Promise<Payment> {
    const payment = await this.payments.save(this.payments.create({ tenantId, ...fields }));
    this.emit('payment.created', payment);
    return payment;
  }

  /** Completes a payment and books its transaction, both or neither. */
  async complete(tenantId: string, id: string): Promise<Payment> {
    const { payment, transaction } = await this.payments.manager.transaction(async (manager) => {
      const locked = await manager.findOne(Payment, {
        where: { tenantId, id },
        lock: { mode: 'pessimistic_write' },
      });
      const pending = found(locked, 'payment', id);
      if (pending.status === 'completed') throw new ConflictException(`Payment ${id} is completed already.`);
      const { amount, currency } = pending;
      return {
        payment: await manager.save(manager.merge(Payment, pending, { status: 'completed' })),
        transaction: await manager.save(
          manager.create(Transaction, { tenantId, paymentId: id, amount, currency, status: 'succeeded' }),
        ),
      };
    });
    // After the commit: a script must not hear of a payment that is rolled back.
    this.emit('payment.completed', payment);
    this.transactions.announce(transaction);
    return payment;
  }

  private emit(type: `payment.${string}`, { tenantId, id, amount, currency }: Payment): void {
    this.emitter.emit(type, { tenantId, paymentId: id, amount, currency });
  }
}
