import { VERSION } from '../../common/version.js';
import { fieldsOf } from '../schema/dto.js';
import { JsonSchemas } from '../schema/json-schema.js';
import type { FieldSchema } from '../schema/kinds.js';
import { titleOf } from './problem.js';
import type { RouteDescription } from './route.description.js';
import { routesOf } from './route.js';

type Json = Record<string, unknown>;
type Controller = abstract new (...args: never[]) => object;

/** Problems that every route may have. */
const EVERYWHERE = [400, 401, 403, 429, 500, 503];
const UNSAFE_PROBLEMS = [415];

const PROBLEM: Json = {
  type: 'object',
  description: 'A problem, as in RFC 9457.',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', description: '`urn:nestjs-scripts-event:`, followed by the code.' },
    title: { type: 'string', description: 'The status in words.' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What is wrong and what to change.' },
    code: { type: 'string', description: 'Identifies the problem for programs. It never changes.' },
    issues: {
      type: 'array',
      description: 'Each invalid field.',
      items: {
        type: 'object',
        required: ['path', 'code', 'message'],
        properties: {
          path: { type: 'string' },
          code: { type: 'string' },
          message: { type: 'string' },
          line: { type: 'integer' },
        },
      },
    },
  },
};

/** The OpenAPI description of the whole API. Its paths are relative to where it is served. */
export function openApiDocument(controllers: readonly Controller[]): Json {
  const schemas = new JsonSchemas();
  const paths: Record<string, Json> = {};
  for (const controller of controllers) {
    const tag = controller.name.replace(/Controller$/, '');
    for (const [operationId, route] of routesOf(controller)) {
      const path = `/${route.path.replace(/:(\w+)/g, '{$1}')}`;
      const operation = { operationId, tags: [tag], ...operationOf(route, schemas) };
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation };
    }
  }
  const sorted = Object.entries(schemas.components).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    openapi: '3.1.0',
    info: {
      title: 'nestjs-scripts-event',
      description:
        'Scripts, executions and dead letters of tenants. The host application decides who may do what: every request passes its guards.',
      version: VERSION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '.', description: 'The folder of this document.' }],
    paths,
    components: {
      responses: problemResponses(controllers),
      schemas: { Problem: PROBLEM, ...Object.fromEntries(sorted) },
    },
  };
}

function operationOf(route: RouteDescription, schemas: JsonSchemas): Json {
  const { summary, permission, operators, body } = route;
  return {
    summary,
    ...(permission === undefined ? {} : { 'x-permission': permission }),
    ...(operators ? { 'x-operators': true } : {}),
    parameters: parametersOf(route, schemas),
    ...(body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemas.reference(body) } },
          },
        }
      : {}),
    responses: responsesOf(route, schemas),
  };
}

function parametersOf(
  { method, params = {}, query, tenant, ifMatch }: RouteDescription,
  schemas: JsonSchemas,
): Json[] {
  const inPath = Object.entries(params).map(([name, description]) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string' },
  }));
  const named = {
    name: 'tenant',
    in: 'query',
    description: 'ID of the tenant. Optional if the session has only one.',
    schema: { type: 'string' },
  };
  const asked = query ? [...fieldsOf(query)].map((field) => queryParameter(field, schemas)) : [];
  const header = {
    name: 'x-scripts-event',
    in: 'header',
    required: true,
    description: 'Protects against forms of other sites, which cannot send this header.',
    schema: { type: 'string', enum: ['1'] },
  };
  const condition = {
    name: 'If-Match',
    in: 'header',
    required: ifMatch === 'needed',
    description:
      ifMatch === 'needed'
        ? 'ETag of the resource that was edited.'
        : 'ETag of the resource that was read. If the resource has changed since, the request has no effect.',
    schema: { type: 'string' },
  };
  return [
    ...inPath,
    ...(tenant === false ? [] : [named]),
    ...asked,
    ...(method === 'GET' ? [] : [header]),
    ...(ifMatch ? [condition] : []),
  ];
}

const queryParameter = (
  [name, { kind, description, optional }]: [string, FieldSchema],
  schemas: JsonSchemas,
): Json => ({
  name,
  in: 'query',
  required: !optional,
  description,
  schema: schemas.ofKind(kind),
});

function responsesOf(route: RouteDescription, schemas: JsonSchemas): Json {
  const { method, status, answer, summary, headers = {}, problems = [] } = route;
  const described = Object.entries(headers).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ]);
  const good = {
    description: summary,
    ...(described.length > 0 ? { headers: Object.fromEntries(described) } : {}),
    ...(answer === undefined ? {} : { content: contentOf(answer, schemas) }),
  };
  const bad = [...EVERYWHERE, ...(method === 'GET' ? [] : UNSAFE_PROBLEMS), ...problems].toSorted(
    (a, b) => a - b,
  );
  return {
    [status ?? (answer === undefined ? 204 : 200)]: good,
    ...(method === 'GET' && answer !== undefined && !isStream(answer)
      ? { 304: { description: 'Unchanged since the ETag in If-None-Match.' } }
      : {}),
    ...Object.fromEntries(bad.map((code) => [code, problemResponse(code)])),
  };
}

function contentOf(answer: NonNullable<RouteDescription['answer']>, schemas: JsonSchemas): Json {
  if (typeof answer === 'function') return { 'application/json': { schema: schemas.reference(answer) } };
  if ('text' in answer) return { 'text/plain': { schema: { type: 'string', description: answer.text } } };
  if ('stream' in answer)
    return { 'text/event-stream': { schema: { type: 'string', description: answer.stream } } };
  return { 'application/json': { schema: { type: 'object', description: answer.json } } };
}

const isStream = (answer: object): boolean => 'stream' in answer;

const responseName = (code: number): string => titleOf(code).replace(/\W/g, '');

const problemResponse = (code: number): Json => ({ $ref: `#/components/responses/${responseName(code)}` });

/** The problem responses of all routes, each once. */
function problemResponses(controllers: readonly Controller[]): Json {
  const own = controllers.flatMap((controller) =>
    routesOf(controller).flatMap(([, { problems = [] }]) => problems),
  );
  const codes = [...new Set([...EVERYWHERE, ...UNSAFE_PROBLEMS, ...own])].toSorted(
    (one, other) => one - other,
  );
  const described = codes.map((code) => [
    responseName(code),
    {
      description: titleOf(code),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  ]);
  return Object.fromEntries(described) as Json;
}
