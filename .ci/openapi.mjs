// Writes the description of the admin API to openapi/admin.json, and its types for the page to
// lib/admin/page/api/schema.ts, with --update; without, fails when one differs from what is committed. Then lints the description. Reads
// dist/: build first.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createConfig, lint } from '@redocly/openapi-core';
import 'reflect-metadata';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { apiDescription } = await import(join(root, 'dist', 'lib', 'admin', 'admin.controllers.js'));
const description = apiDescription();

/** The TypeScript type of a schema; the API's own schemas use no more than this of JSON Schema. */
function typeOf(schema) {
  const { $ref, anyOf, enum: values, type } = schema;
  if ($ref) return $ref.slice($ref.lastIndexOf('/') + 1);
  if (anyOf) return anyOf.map(typeOf).join(' | ');
  if (values) return values.map((value) => JSON.stringify(value)).join(' | ');
  const types = [type].flat().map((one) => simpleType(one, schema));
  return types.join(' | ');
}

function simpleType(type, schema) {
  if (type === undefined) return 'unknown';
  if (type === 'integer') return 'number';
  if (type === 'array') return `readonly (${typeOf(schema.items)})[]`;
  if (type === 'object') return 'Record<string, unknown>';
  return type;
}

function interfaceOf([name, { description: about, properties, required = [] }]) {
  const doc = about ? `/** ${about} */\n` : '';
  const fields = Object.entries(properties).map(([field, schema]) => {
    const said = schema.description ? `  /** ${schema.description} */\n` : '';
    return `${said}  ${field}${required.includes(field) ? '' : '?'}: ${typeOf(schema)};`;
  });
  return `${doc}export interface ${name} {\n${fields.join('\n')}\n}`;
}

const HEAD = '// Written by `npm run api:update` from the API as its classes describe it. Do not edit.\n';
const types = Object.entries(description.components.schemas).map(interfaceOf);

const written = {
  'openapi/admin.json': `${JSON.stringify(description, null, 2)}\n`,
  'lib/admin/page/api/schema.ts': `${HEAD}\n${types.join('\n\n')}\n`,
};

for (const [name, text] of Object.entries(written)) {
  const file = join(root, ...name.split('/'));
  if (process.argv.includes('--update')) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } else if (readFileSync(file, 'utf8') !== text) {
    console.error(`The admin API differs from ${name}: run "npm run api:update", and review the diff.`);
    process.exitCode = 1;
  }
}

/**
 * Rules of the linter that this API breaks on purpose: who may ask is the host's matter, and `executions/running` has no
 * methods in common with `executions/{id}`.
 */
const rules = { 'security-defined': 'off', 'no-ambiguous-paths': 'off' };
const config = await createConfig({ extends: ['recommended'], rules });
for (const { ruleId, message, location } of await lint({
  ref: join(root, 'openapi', 'admin.json'),
  config,
})) {
  console.error(`openapi/admin.json: ${ruleId}: ${message} ${location[0]?.pointer ?? ''}`);
  process.exitCode = 1;
}
