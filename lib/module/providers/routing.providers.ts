import type { Provider } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { HOST_MODULE_REF } from '../host-modules.js';
import { isDurable } from '../../buffer/durable-event-buffer.js';
import { EventBuffer } from '../../buffer/event-buffer.js';
import { DomainEventPublisher } from '../../routing/domain-event.publisher.js';
import { DurableDelivery } from '../../routing/durable.delivery.js';
import { EventDelivery } from '../../routing/event-delivery.js';
import { EventMatcher } from '../../routing/event-matcher.js';
import { EventTriggerHandler } from '../../routing/event-trigger.handler.js';
import { MemoryDelivery } from '../../routing/memory.delivery.js';
import { QueuedEventProcessor } from '../../routing/queued-event.processor.js';
import { make } from './make.js';

export const routingProviders = (): Provider[] => [
  EventMatcher,
  EventTriggerHandler,
  DomainEventPublisher,
  make(EventDelivery, [EventBuffer], (buffer: EventBuffer) =>
    isDurable(buffer) ? new DurableDelivery(buffer) : new MemoryDelivery(),
  ),
  // Scripts publish events through the delivery, so the processor, which runs scripts, is created after it.
  make(
    QueuedEventProcessor,
    [EventDelivery, HOST_MODULE_REF],
    (delivery: EventDelivery, modules: ModuleRef) => modules.create(delivery.processor),
  ),
];
