import { Injectable } from '@nestjs/common';
import { BindingRegistry } from '../bindings/binding.registry.js';
import { SecretNames } from '../scripts/secret-names.js';
import { VariableNames } from '../scripts/variable-names.js';
import { EventRegistry } from '../events/event-registry.js';
import { checkTenant } from '../options/query-checks.js';
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
    private readonly secrets: SecretNames,
    private readonly variables: VariableNames,
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

  /**
   * The same for the scripts of one tenant, with the names of its secrets and variables.
   *
   * @param request `secrets`: those of one script; default: all of the tenant
   * @throws EventTypeNameError for an invalid name in `eventTypes`
   */
  async generateFor(
    tenantId: string,
    request: Omit<ScriptTypesRequest, 'events' | 'bindings' | 'variables'> = {},
  ): Promise<string> {
    checkTenant(tenantId);
    const [known, variables] = await Promise.all([
      this.secrets.namesOf(tenantId),
      this.variables.namesOf(tenantId),
    ]);
    const { secrets: wanted } = request;
    const secrets = (known ?? []).filter((name) => wanted?.includes(name) ?? true);
    return this.generate({ ...request, secrets, variables });
  }
}
