import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { SchedulerRegistry } from '@nestjs/schedule';
import { DuplicateModuleError, MissingModuleError } from './host-modules.errors.js';
import { ConfigurableModuleClass } from './scripts-event.module-definition.js';

/** Injects what a host's module provides, or nothing, so that {@link HostModules} can say what is missing. */
export const OPTIONAL_EMITTER = { token: EventEmitter2, optional: true };
export const OPTIONAL_SCHEDULER = { token: SchedulerRegistry, optional: true };

/** What this package uses of the host's own modules, and that it is imported once. */
@Injectable()
export class HostModules {
  constructor(
    private readonly modules: ModulesContainer,
    readonly emitter: EventEmitter2,
    readonly scheduler: SchedulerRegistry,
  ) {}

  /** @throws {MissingModuleError} */
  static of(modules: ModulesContainer, emitter?: EventEmitter2, scheduler?: SchedulerRegistry): HostModules {
    if (!emitter) throw new MissingModuleError('EventEmitterModule', '@nestjs/event-emitter');
    if (!scheduler) throw new MissingModuleError('ScheduleModule', '@nestjs/schedule');
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
