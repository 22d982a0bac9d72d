import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { decoratedMethods, NO_METHOD, unprovidedLine } from '../common/decorated-methods.js';
import { PrintableLogger } from '../common/printable-logger.js';
import { EventRegistry, type MappedEvent } from './event-registry.js';
import { EventMapperError } from './events.errors.js';
import { MAPPERS } from './map-domain-event.decorator.js';

/** Finds the methods marked with `@MapDomainEvent` and adds them to the registry. */
@Injectable()
export class DomainEventExplorer {
  private readonly logger = new PrintableLogger(DomainEventExplorer.name);

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly registry: EventRegistry,
  ) {}

  /**
   * Looks through every provider and controller of the application, once, before events are captured. Warns of mappers
   * in classes that no module provides.
   *
   * @throws EventMapperError for a mapper that cannot be called for each event
   * @throws EventTypeConflictError for two mappers of one type, or a type that belongs to scripts
   */
  explore(): void {
    for (const found of decoratedMethods(this.discovery, MAPPERS)) {
      const { metadata, where, isSingleton, kind } = found;
      if (!isSingleton) {
        const problem =
          'the provider is request-scoped, and events are mapped outside of requests; make it a singleton (Scope.DEFAULT)';
        throw new EventMapperError(where, problem);
      }
      if (kind === 'no method') throw new EventMapperError(where, NO_METHOD);
      if (kind === 'async method') {
        const problem =
          'events are mapped synchronously while they are emitted; make the method and the decorators above it synchronous';
        throw new EventMapperError(where, problem);
      }
      const map = found.call as (event: unknown) => MappedEvent | undefined;
      this.registry.addMapper({ ...metadata, method: where, map });
    }
    const lost = [...MAPPERS.unprovided()].map(({ where, metadata: { type } }) => ({ where, what: type }));
    if (lost.length > 0)
      this.logger.warn(unprovidedLine('MapDomainEvent', lost, 'no script gets these events'));
  }
}
