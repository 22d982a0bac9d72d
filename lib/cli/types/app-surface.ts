import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { BindingRegistry } from '../../bindings/binding.registry.js';
import { BINDINGS } from '../../bindings/script-binding.decorator.js';
import { HTTP_FETCH } from '../../bindings/http/http.binding.js';
import { messageOf } from '../../common/errors.js';
import { isRecord } from '../../common/json.js';
import { type EventDefinition, EventRegistry } from '../../events/event-registry.js';
import { MAPPERS } from '../../events/map-domain-event.decorator.js';
import type { ScriptsEventModuleOptions } from '../../options/scripts-event.options.js';
import { MODULE_OPTIONS_TOKEN } from '../../module/scripts-event.module-definition.js';
import type { DescribedBinding } from '../../typings/script-types.js';
import { CommandError } from '../cli.errors.js';

type AppModule = Type<object> | DynamicModule;

/** What an application offers its scripts. */
export interface AppSurface {
  events: readonly EventDefinition[];
  bindings: readonly DescribedBinding[];
  /** Notes about what could not be determined. */
  notes: string[];
}

/**
 * Finds the event types and bindings of the application in `file#ExportName`. Without `boot`, the modules are only
 * scanned: classes and their decorators are read, but nothing is created or started.
 * @throws CommandError if there is no such module, it doesn't start, or it doesn't import ScriptsEventModule
 */
export async function appSurface(reference: string, boot: boolean): Promise<AppSurface> {
  const module = await loadModule(reference);
  try {
    return boot ? await booted(module) : await previewed(module);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const advice = boot ? '' : '. Try --boot to start the application';
    throw new CommandError(`Can't inspect the application: ${messageOf(error)}${advice}`, {
      cause: error,
    });
  }
}

async function loadModule(reference: string): Promise<AppModule> {
  const [file = '', name] = reference.split('#');
  let loaded: Record<string, unknown>;
  try {
    loaded = (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  } catch (error) {
    throw new CommandError(`Can't load the application module: ${messageOf(error)}`, { cause: error });
  }
  const exported = { ...(isRecord(loaded.default) ? loaded.default : {}), ...loaded };
  const found = exported[name ?? 'AppModule'] ?? (name === undefined ? loaded.default : undefined);
  if (isClass(found) || isDynamicModule(found)) return found;
  const made: unknown = typeof found === 'function' ? await (found as () => unknown)() : undefined;
  if (isClass(made) || isDynamicModule(made)) return made;
  const names = Object.keys(exported).filter((key) => typeof exported[key] === 'function');
  throw new CommandError(
    `${file} doesn't export a module ${name ?? 'AppModule'}. Use ${file}#${names[0] ?? 'AppModule'}.`,
  );
}

const isClass = (value: unknown): value is Type<object> =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));

const isDynamicModule = (value: unknown): value is DynamicModule => isRecord(value) && isClass(value.module);

async function booted(module: AppModule): Promise<AppSurface> {
  const app = await NestFactory.createApplicationContext(module, {
    abortOnError: false,
    logger: ['error', 'warn'],
  });
  try {
    const events = app.get(EventRegistry, { strict: false }).definitions();
    return { events, bindings: app.get(BindingRegistry, { strict: false }).list(), notes: [] };
  } finally {
    await app.close();
  }
}

async function previewed(module: AppModule): Promise<AppSurface> {
  const app = await NestFactory.createApplicationContext(module, {
    preview: true,
    abortOnError: false,
    logger: false,
  });
  const wrappers = wrappersOf(app);
  const options = wrappers.find(({ token }) => token === MODULE_OPTIONS_TOKEN);
  if (!options) throw new CommandError('The application does not import ScriptsEventModule.');
  const notes: string[] = [];
  if (options.inject)
    notes.push(
      "The options come from a factory, so their event types and http.fetch aren't included. Use --boot to include them.",
    );
  const given = options.inject ? {} : (options.instance as ScriptsEventModuleOptions);
  const registry = new EventRegistry(given.events?.types ?? {});
  const bindings: DescribedBinding[] = hasHttp(given) ? [HTTP_FETCH] : [];
  for (const prototype of prototypesOf(wrappers)) {
    for (const [method, mapped] of MAPPERS.of(prototype)) {
      const where = `${prototype.constructor.name}.${String(method)}`;
      registry.addMapper({ ...mapped, map: () => undefined, method: where });
    }
    for (const [, binding] of BINDINGS.of(prototype)) bindings.push(binding);
  }
  if (bindings.length === 0)
    notes.push('No bindings found. Use --boot to include bindings of providers that factories create.');
  return {
    events: registry.definitions(),
    bindings: bindings.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    notes,
  };
}

/** As in the module: an option wins over its environment variable. */
const hasHttp = ({ http }: ScriptsEventModuleOptions): boolean =>
  (http?.allowedHosts ?? process.env['EVENT_HTTP_ALLOWED_HOSTS'] ?? '').length > 0;

type Wrapper =
  ReturnType<ModulesContainer['get']> extends infer Module
    ? NonNullable<Module> extends { providers: Map<unknown, infer Provider> }
      ? Provider
      : never
    : never;

function wrappersOf(app: INestApplicationContext): Wrapper[] {
  const modules = [...app.get(ModulesContainer, { strict: false }).values()];
  return modules.flatMap(({ providers, controllers }) => [
    ...providers.values(),
    ...(controllers.values() as IterableIterator<Wrapper>),
  ]);
}

function prototypesOf(wrappers: Wrapper[]): Set<object> {
  const prototypes = new Set<object>();
  for (const { metatype, inject } of wrappers) {
    const prototype: unknown = !inject && typeof metatype === 'function' ? metatype.prototype : undefined;
    if (typeof prototype === 'object' && prototype !== null) prototypes.add(prototype);
  }
  return prototypes;
}
