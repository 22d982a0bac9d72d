import type { FactoryProvider } from '@nestjs/common';

/** A factory provider, for classes whose constructors take more than what Nest can inject. */
export const make = (
  provide: FactoryProvider['provide'],
  inject: FactoryProvider['inject'],
  useFactory: FactoryProvider['useFactory'],
): FactoryProvider => ({ provide, inject, useFactory });
