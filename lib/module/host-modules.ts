import { Injectable } from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { SchedulerRegistry } from '@nestjs/schedule';
import { isAnotherCopyProvided } from './another-copy.js';
import { DuplicateModuleError, MissingModuleError, SecondCopyError } from './host-modules.errors.js';
import { ConfigurableModuleClass } from './scripts-event.module-definition.js';

/** Optional: it is missing when the host runs on another copy of Nest. */
export const OPTIONAL_MODULES = { token: ModulesContainer, optional: true };
/** Optional, so that {@link HostModules} says which module is missing, and not Nest. */
export const OPTIONAL_EMITTER = { token: EventEmitter2, optional: true };
export const OPTIONAL_SCHEDULER = { token: SchedulerRegistry, optional: true };

/** Injection token of the ModuleRef of this package's module; see {@link hostModuleRef}. */
export const HOST_MODULE_REF = Symbol('scripts-event:module-ref');

/** @throws {SecondCopyError} */
export function hostModuleRef(found?: ModuleRef): ModuleRef {
  if (!found) throw new SecondCopyError('@nestjs/core');
  return found;
}

export const OPTIONAL_MODULE_REF = { token: ModuleRef, optional: true };

/** What this package uses of the host's own modules. Also checks that the host imports this package once. */
@Injectable()
export class HostModules {
  constructor(
    readonly modules: ModulesContainer,
    readonly emitter: EventEmitter2,
    readonly scheduler: SchedulerRegistry,
  ) {}

  /** @throws {MissingModuleError} @throws {SecondCopyError} */
  static of(modules?: ModulesContainer, emitter?: EventEmitter2, scheduler?: SchedulerRegistry): HostModules {
    // Nest provides it to every module, unless there are two copies of Nest.
    if (!modules) throw new SecondCopyError('@nestjs/core');
    if (!emitter) throw missing(modules, EventEmitter2, 'EventEmitterModule', '@nestjs/event-emitter');
    if (!scheduler) throw missing(modules, SchedulerRegistry, 'ScheduleModule', '@nestjs/schedule');
    return new HostModules(modules, emitter, scheduler);
  }

  /** @throws {DuplicateModuleError} */
  checkImportedOnce(): void {
    const own = [...this.modules.values()].filter(
      ({ metatype }) => metatype.prototype instanceof ConfigurableModuleClass,
    );
    if (own.length > 1) throw new DuplicateModuleError(own.length);
  }
}

function missing(
  modules: ModulesContainer,
  provided: { name: string },
  moduleName: string,
  packageName: string,
): MissingModuleError | SecondCopyError {
  return isAnotherCopyProvided(modules, provided)
    ? new SecondCopyError(packageName)
    : new MissingModuleError(moduleName, packageName);
}
