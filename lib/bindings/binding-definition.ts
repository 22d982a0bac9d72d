import type { Type } from '@nestjs/common';
import type { ScriptSpan } from '../tracing/script-span.js';
import type { BindingContext } from './binding-context.js';

/** The class of a binding's return value, or a list with that class if it returns a list. @publicApi */
export type BindingResult = Type<object> | readonly [Type<object>];

/**
 * A binding that the application declares.
 *
 * @publicApi
 */
export interface BindingDefinition {
  /** Dotted name, such as `crm.findClient`. */
  readonly name: string;
  /** What it does, for script authors. */
  readonly description: string | undefined;
  /** The class that its input is checked against. Without one, the method gets any JSON. */
  readonly input: Type<object> | undefined;
  /** The class of its return value, for script authors. Not checked. */
  readonly result: BindingResult | undefined;
  /** Whether it takes secrets. */
  readonly secrets: boolean;
  /** Milliseconds that a call may take: its own `timeoutMs`, at most `sandbox.bindingTimeout`. */
  readonly timeoutMs: number;
  /** Where it is declared, `CrmBindings.findClient`. */
  readonly method: string;
}

/** A binding with the method that carries it out. */
export interface DeclaredBinding extends Omit<BindingDefinition, 'timeoutMs' | 'secrets'> {
  readonly timeoutMs: number | undefined;
  /** `by-host`: it takes secrets, and checks itself where each may go. Left out: it takes none. */
  readonly secrets?: boolean | 'by-host' | undefined;
  /** @param span the span of the call, for requests that the method makes */
  readonly invoke: (input: never, context: BindingContext, span: ScriptSpan) => unknown;
}
