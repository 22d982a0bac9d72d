import type { FactoryProvider } from '@nestjs/common';

/** A factory provider, for classes whose constructors take more than injectables. */
export const make = (
  provide: FactoryProvider['provide'],
  inject: FactoryProvider['inject'],
  useFactory: FactoryProvider['useFactory'],
): FactoryProvider => ({ provide, inject, useFactory });
