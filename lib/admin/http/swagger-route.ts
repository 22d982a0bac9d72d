import { fieldsOf } from '../schema/dto.js';
import { swaggerProperty } from '../schema/swagger-property.js';
import type { RouteDescription } from './route.description.js';

/**
 * Where `@nestjs/swagger` stores what its decorators say (`DECORATORS` in its constants). The keys are written out
 * here, so that a host with `@nestjs/swagger` sees this API and other hosts don't need the package.
 */
const OPERATION = 'swagger/apiOperation';
const PARAMETERS = 'swagger/apiParameters';
const RESPONSE = 'swagger/apiResponse';
const EXCLUDED = 'swagger/apiExcludeEndpoint';

/** Keeps a route out of the host's own OpenAPI document. */
export const hideFromSwagger = (handler: object): void =>
  Reflect.defineMetadata(EXCLUDED, { disable: true }, handler);

/** Describes a route in the host's own OpenAPI document. */
export function describeForSwagger(route: RouteDescription, handler: object): void {
  const { summary, status, answer } = route;
  const type = typeof answer === 'function' ? { type: answer } : {};
  const code = status ?? (answer === undefined ? 204 : 200);
  Reflect.defineMetadata(OPERATION, { summary }, handler);
  Reflect.defineMetadata(PARAMETERS, parametersOf(route), handler);
  Reflect.defineMetadata(RESPONSE, { [code]: { description: summary, ...type } }, handler);
}

function parametersOf({ tenant, params = {}, query, body }: RouteDescription): object[] {
  const named = Object.entries(params).map(([name, description]) => ({
    in: 'path',
    name,
    description,
    required: true,
    type: String,
  }));
  const asked = query ? [...fieldsOf(query)] : [];
  return [
    ...named,
    ...(tenant === false ? [] : [{ in: 'query', name: 'tenant', required: false, type: String }]),
    ...asked.map(([name, field]) => ({ ...unwrapped(swaggerProperty(field)), in: 'query', name })),
    ...(body ? [{ in: 'body', type: body, required: true }] : []),
  ];
}

/** A parameter has its class directly; a property has a function that returns it. */
function unwrapped(property: object): object {
  const { type } = property as { type?: unknown };
  return typeof type === 'function' ? { ...property, type: (type as () => unknown)() } : property;
}
