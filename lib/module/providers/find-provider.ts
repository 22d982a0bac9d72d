import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { MissingProviderError } from '../host-modules.errors.js';

/** The host's instance of the class that `option` names, from any of its modules. @throws MissingProviderError */
export function findProvider<T>(
  modules: ModuleRef,
  type: abstract new (...args: never[]) => T,
  option: string,
): T {
  try {
    return modules.get(type as Type<T>, { strict: false });
  } catch (error) {
    throw new MissingProviderError(option, type.name, error);
  }
}
