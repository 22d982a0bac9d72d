import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Debt } from './debts/debt.entity.js';
import { DebtService } from './debts/debt.service.js';
import { DebtsController } from './debts/debts.controller.js';
import { Expense } from './expenses/expense.entity.js';
import { ExpenseService } from './expenses/expense.service.js';
import { ExpensesController } from './expenses/expenses.controller.js';
import { Payment } from './payments/payment.entity.js';
import { PaymentService } from './payments/payment.service.js';
import { PaymentsController } from './payments/payments.controller.js';
import { ReportsController } from './reports/reports.controller.js';
import { Transaction } from './transactions/transaction.entity.js';
import { TransactionService } from './transactions/transaction.service.js';
import { TransactionsController } from './transactions/transactions.controller.js';

/** Payments, transactions, expenses, debts and the reports on them. */
@Module({
  imports: [TypeOrmModule.forFeature([Payment, Transaction, Expense, Debt])],
  controllers: [
    PaymentsController,
    TransactionsController,
    ExpensesController,
    DebtsController,
    ReportsController,
  ],
  providers: [PaymentService, TransactionService, ExpenseService, DebtService],
  exports: [PaymentService, ExpenseService],
})
export class FinanceModule {}
