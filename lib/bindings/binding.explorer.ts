import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { BindingDeclarationError } from './binding.errors.js';
import { BindingRegistry } from './binding.registry.js';
import { scriptBindingMetadata } from './script-binding.decorator.js';

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** Finds the methods marked with `@ScriptBinding` and enters them in the registry. */
@Injectable()
export class BindingExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly registry: BindingRegistry,
  ) {}

  /**
   * Looks through every provider and controller of the application. Once, before scripts run.
   *
   * @throws BindingDeclarationError for a binding that scripts could not call
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

  private exploreMethod(wrapper: Wrapper, instance: object, prototype: object, methodName: string): void {
    const method: unknown = Reflect.get(prototype, methodName);
    const metadata = scriptBindingMetadata(method);
    if (!metadata) return;
    const { name, description, input, result, timeoutMs } = metadata;
    const where = `${instance.constructor.name}.${methodName}`;
    if (!wrapper.isDependencyTreeStatic() || wrapper.isTransient) {
      const problem = 'a script has no request: make the provider a singleton (Scope.DEFAULT)';
      throw new BindingDeclarationError(name, [where], problem);
    }
    const call = method as (...args: unknown[]) => unknown;
    const invoke = (...args: unknown[]): unknown => call.apply(instance, args);
    this.registry.declare({ name, description, input, result, timeoutMs, method: where, invoke });
  }
}
