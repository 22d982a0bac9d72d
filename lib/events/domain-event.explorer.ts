import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { decoratedMethods } from '../common/decorated-methods.js';
import { EventRegistry, type MappedEvent } from './event-registry.js';
import { EventMapperError } from './events.errors.js';
import { mapDomainEventMetadata } from './map-domain-event.decorator.js';

/** Finds the methods marked with `@MapDomainEvent` and enters them in the registry. */
@Injectable()
export class DomainEventExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly registry: EventRegistry,
  ) {}

  /**
   * Looks through every provider and controller of the application. Once, before events are taken.
   *
   * @throws EventMapperError for a mapper that cannot be called for each event
   * @throws EventTypeConflictError for two mappers of one type, or a type that belongs to scripts
   */
  explore(): void {
    for (const found of decoratedMethods(this.discovery, this.scanner, mapDomainEventMetadata)) {
      const { metadata, where, isSingleton, isAsync } = found;
      if (!isSingleton) {
        const problem = 'an event has no request: make the provider a singleton (Scope.DEFAULT)';
        throw new EventMapperError(where, problem);
      }
      if (isAsync) {
        const problem = 'an event is read while it is emitted: make the method synchronous';
        throw new EventMapperError(where, problem);
      }
      const map = found.call as (event: unknown) => MappedEvent | undefined;
      this.registry.addMapper({ ...metadata, method: where, map });
    }
  }
}
