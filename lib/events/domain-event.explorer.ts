import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { EventRegistry, type MappedEvent } from './event-registry.js';
import { EventMapperError } from './events.errors.js';
import { mapDomainEventMetadata } from './map-domain-event.decorator.js';

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

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
    for (const wrapper of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      if (!wrapper.isAlias) this.exploreInstance(wrapper);
    }
  }

  private exploreInstance(wrapper: Wrapper): void {
    const instance: unknown = wrapper.instance;
    if (typeof instance !== 'object' || instance === null) return;
    const prototype: unknown = Object.getPrototypeOf(instance);
    if (typeof prototype !== 'object' || prototype === null) return;
    for (const name of this.scanner.getAllMethodNames(prototype))
      this.exploreMethod(wrapper, instance, prototype, name);
  }

  private exploreMethod(wrapper: Wrapper, instance: object, prototype: object, name: string): void {
    const method: unknown = Reflect.get(prototype, name);
    const metadata = mapDomainEventMetadata(method);
    if (!metadata) return;
    const where = `${instance.constructor.name}.${name}`;
    if (!wrapper.isDependencyTreeStatic() || wrapper.isTransient) {
      throw new EventMapperError(
        where,
        'an event has no request: make the provider a singleton (Scope.DEFAULT)',
      );
    }
    const map = method as (event: unknown) => MappedEvent | undefined;
    this.registry.addMapper({ ...metadata, method: where, map: (event) => map.call(instance, event) });
  }
}
