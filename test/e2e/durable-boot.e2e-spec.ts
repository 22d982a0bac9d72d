import { join } from 'node:path';
import type { TestingModule } from '@nestjs/testing';
import { installCommand } from '../../lib/buffer/durable/engine/engine.js';
import { startFaultNode } from '../faults/support/fault-node.js';
import { buildApp, closeAfterStart } from '../support/app.builder.js';
import { createTestSchema, engineSchemaOf, type TestSchema } from '../support/postgres.js';
import { RecordedLog } from './support/recorded-log.js';
import { noSandboxChildren } from '../support/sandbox-processes.js';

/** The error of a start. The host is closed after it. */
async function failure(database: TestSchema, buffer: object = {}): Promise<unknown> {
  const options = {
    buffer: { driver: 'graphile-worker' as const, schema: engineSchemaOf(database), ...buffer },
  };
  const app: TestingModule = await buildApp({ database, options, logger: new RecordedLog() });
  const error = await app.init().catch((thrown: unknown) => thrown);
  await closeAfterStart(app);
  await noSandboxChildren();
  return error;
}

describe('the start of an application with the durable buffer', () => {
  it('fails without the tables of graphile-worker if it may not install them, and says how to install them', async () => {
    expect(await failure(await createTestSchema(), { installSchema: false })).toMatchObject({
      code: 'engine-schema',
      message: expect.stringMatching(/installDurableBuffer.*buffer\.installSchema/),
    });
  });

  it('fails without the tables of the package, and names them and the migrations', async () => {
    const database = await createTestSchema();
    await database.dataSource.query('DROP TABLE scripts_event_slots');
    expect(await failure(database)).toMatchObject({
      code: 'migrations-missing',
      message: expect.stringMatching(/scripts_event_slots.*SCRIPTS_EVENT_MIGRATIONS/),
    });
  });

  it('fails without the package graphile-worker, and says how to install it', async () => {
    const { name, options } = await createTestSchema();
    const setup = {
      url: options.url,
      schema: name,
      options: { buffer: { driver: 'graphile-worker' as const } },
    };
    const start = startFaultNode(setup, ['-r', join(__dirname, 'support/without-graphile-worker.ts')]);
    await expect(start).rejects.toThrow(
      `but the package graphile-worker is not installed: run "${installCommand()}" or set buffer.driver to "memory"`,
    );
  });
});
