import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { decoratedMethods, NO_METHOD, unprovidedLine } from '../common/decorated-methods.js';
import { PrintableLogger } from '../common/printable-logger.js';
import { BindingDeclarationError } from './binding.errors.js';
import { BindingRegistry } from './binding.registry.js';
import { BINDINGS } from './script-binding.decorator.js';

/** Finds the methods marked with `@ScriptBinding` and adds them to the registry. */
@Injectable()
export class BindingExplorer {
  private readonly logger = new PrintableLogger(BindingExplorer.name);

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly registry: BindingRegistry,
  ) {}

  /**
   * Looks through every provider and controller of the application, once, before scripts run. Warns of bindings in
   * classes that no module provides.
   *
   * @throws BindingDeclarationError for a binding that scripts could not call
   */
  explore(): void {
    for (const found of decoratedMethods(this.discovery, BINDINGS)) {
      const { where, isSingleton, kind, call } = found;
      const { name, description, input, result, timeoutMs, secrets, ...others } = found.metadata;
      const [other] = Object.keys(others);
      if (other !== undefined) {
        // Refused, because a misspelt `input` would let every input pass unchecked.
        const problem = `unknown option ${other}; allowed: input, result, timeoutMs, secrets, description`;
        throw new BindingDeclarationError(name, [where], problem);
      }
      if (!isSingleton) {
        const problem =
          'the provider is request-scoped, and scripts run outside of requests; make it a singleton (Scope.DEFAULT)';
        throw new BindingDeclarationError(name, [where], problem);
      }
      if (kind === 'no method') throw new BindingDeclarationError(name, [where], NO_METHOD);
      this.registry.declare({
        name,
        description,
        input,
        result,
        timeoutMs,
        secrets,
        method: where,
        // The span is not passed on: a method of the host gets two arguments.
        invoke: (given, context) => call(given, context),
      });
    }
    const lost = [...BINDINGS.unprovided()].map(({ where, metadata: { name } }) => ({ where, what: name }));
    if (lost.length > 0) this.logger.warn(unprovidedLine('ScriptBinding', lost, "scripts can't call them"));
  }
}
