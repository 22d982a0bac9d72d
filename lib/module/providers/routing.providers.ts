import type { Provider } from '@nestjs/common';
import { DurableProcessing } from '../../routing/durable.processing.js';
import { EventMatcher } from '../../routing/event-matcher.js';
import { EventTriggerHandler } from '../../routing/event-trigger.handler.js';
import { QueuedEventProcessor } from '../../routing/queued-event.processor.js';
import { DomainEventPublisher } from '../../routing/domain-event.publisher.js';

export const routingProviders = (): Provider[] => [
  EventMatcher,
  EventTriggerHandler,
  DurableProcessing,
  DomainEventPublisher,
  QueuedEventProcessor,
];
