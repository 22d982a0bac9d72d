import type { FactoryProvider } from '@nestjs/common';

/** A factory provider, for classes whose constructors take values that Nest can't inject. */
export const make = (
  provide: FactoryProvider['provide'],
  inject: FactoryProvider['inject'],
  useFactory: FactoryProvider['useFactory'],
): FactoryProvider => ({ provide, inject, useFactory });
