import { Module } from '@nestjs/common';
import { CrmModule } from '../crm/crm.module.js';
import { FinanceModule } from '../finance/finance.module.js';
import { HomeController } from './home.controller.js';

/** The start page, from which a person tries the back office without a terminal. */
@Module({ imports: [CrmModule, FinanceModule], controllers: [HomeController] })
export class HomeModule {}
