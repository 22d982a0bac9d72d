import { Injectable } from '@nestjs/common';
import { BindingRegistry } from '../bindings/binding.registry.js';
import { EventRegistry } from '../events/event-registry.js';
import { generateScriptTypes, type ScriptTypesRequest } from './script-types.js';

/**
 * Generates the types of a running application's scripts, for an editor that the host builds in.
 *
 * @publicApi
 */
@Injectable()
export class ScriptTypes {
  /** @internal */
  constructor(
    private readonly events: EventRegistry,
    private readonly bindings: BindingRegistry,
  ) {}

  /**
   * The result of `generateScriptTypes` with the application's event types and bindings; complete once the application
   * has started.
   *
   * @throws EventTypeNameError for an invalid name in `eventTypes`
   */
  generate(request: Omit<ScriptTypesRequest, 'events' | 'bindings'> = {}): string {
    return generateScriptTypes({
      events: this.events.definitions(),
      bindings: this.bindings.list(),
      ...request,
    });
  }
}
