import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { Validator } from '@seriousme/openapi-schema-validator';
import { apiDescription, controllersAt } from '../../../lib/admin/admin.controllers.js';
import { ROOT } from '../docs/pages.js';

interface Operation {
  operationId: string;
  summary: string;
  parameters: { name: string; in: string; description: string; required?: boolean }[];
  responses: Record<string, object>;
}

type Paths = Record<string, Record<string, Operation>>;

const shipped = JSON.parse(readFileSync(join(ROOT, 'openapi', 'admin.json'), 'utf8')) as {
  paths: Paths;
  components: { schemas: Record<string, { properties: Record<string, object> }> };
};
const operations = Object.values(shipped.paths).flatMap((path) => Object.entries(path));

describe('openapi/admin.json', () => {
  it('describes the routes as they are declared', () => {
    expect(shipped).toEqual(JSON.parse(JSON.stringify(apiDescription())));
  });

  it('is a valid OpenAPI document', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(shipped));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  it('refers to all schemas that it has, and to no other', () => {
    const named = [...JSON.stringify(shipped).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect([...new Set(named)].toSorted()).toEqual(Object.keys(shipped.components.schemas).toSorted());
  });

  it('gives every operation a name of its own and a summary', () => {
    const names = operations.map(([, { operationId }]) => operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const [, { summary }] of operations) expect(summary).toMatch(/^[A-Z].+\.$/);
  });

  it('requires the header x-scripts-event on every route that changes something, and lists the errors of every route', () => {
    for (const [method, { parameters, responses }] of operations) {
      const headers = parameters.filter((one) => one.in === 'header').map(({ name }) => name);
      expect(headers.includes('x-scripts-event')).toBe(method !== 'get');
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '401', '403', '500', '503']));
    }
  });
});

describe('the document of a host with @nestjs/swagger', () => {
  let document: OpenAPIObject;

  beforeAll(async () => {
    // No controller is called: the document is made from the metadata of their classes.
    const module = await Test.createTestingModule({ controllers: controllersAt('admin', []) })
      .useMocker(() => ({}))
      .compile();
    const app = module.createNestApplication();
    document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    await app.close();
  });

  it('has every route', () => {
    const own = Object.keys(shipped.paths).map((path) => `/admin/api${path}`);
    expect(Object.keys(document.paths).toSorted()).toEqual(own.toSorted());
  });

  it('has every schema with its fields', () => {
    const { schemas = {} } = document.components ?? {};
    const fieldsOf = (all: Record<string, object>) =>
      Object.fromEntries(
        Object.entries(all).map(([name, schema]) => [
          name,
          Object.keys((schema as { properties?: object }).properties ?? {}).toSorted(),
        ]),
      );
    const { Problem: _written, ...own } = shipped.components.schemas;
    expect(fieldsOf(schemas)).toEqual(fieldsOf(own));
  });

  it('has the bodies, responses and parameters of routes', () => {
    const { patch } = document.paths['/admin/api/scripts/{id}'] as { patch: object };
    expect(patch).toMatchObject({
      requestBody: {
        content: { 'application/json': { schema: { $ref: '#/components/schemas/UpdateScriptBody' } } },
      },
      responses: {
        200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/SavedScript' } } } },
      },
    });
    const { get } = document.paths['/admin/api/executions'] as { get: { parameters: { name: string }[] } };
    expect(get.parameters.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['tenant', 'limit', 'cursor', 'status', 'scriptId', 'from']),
    );
  });
});
