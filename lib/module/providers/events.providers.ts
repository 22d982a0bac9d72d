import type { Provider } from '@nestjs/common';
import { DomainEventExplorer } from '../../events/domain-event.explorer.js';
import { EventRouter } from '../../events/event-router.js';
import { EventCapture } from '../../events/event-capture.js';
import { EventEmitterSource } from '../../events/event-emitter.source.js';
import { EventRegistry } from '../../events/event-registry.js';
import { ExecutionEventPublisher } from '../../events/execution-event.publisher.js';
import { HostEventEmitter } from '../../events/host-event.emitter.js';
import { RESOLVED_OPTIONS } from '../../options/options.tokens.js';
import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import { EventTriggerHandler } from '../../routing/event-trigger.handler.js';
import { HostModules } from '../host-modules.js';
import { make } from './make.js';
import { tracingProvider } from './tracing.provider.js';

export const eventProviders = (): Provider[] => [
  DomainEventExplorer,
  tracingProvider(),
  EventCapture,
  ExecutionEventPublisher,
  { provide: EventRouter, useExisting: EventTriggerHandler },
  make(
    EventRegistry,
    [RESOLVED_OPTIONS],
    (options: ResolvedOptions) => new EventRegistry(options.events.types),
  ),
  make(HostEventEmitter, [HostModules], ({ emitter }: HostModules) => new HostEventEmitter(emitter)),
  make(
    EventEmitterSource,
    [HostModules, EventRegistry, EventCapture],
    ({ emitter }: HostModules, registry: EventRegistry, capture: EventCapture) =>
      new EventEmitterSource(emitter, registry, capture),
  ),
];
