import type { INestApplication } from '@nestjs/common';
import type { ScriptsEventModuleOptions } from 'nestjs-scripts-event';
import request, { type Test } from 'supertest';
import { createTestSchema, testDatabaseUrl } from '../../../test/support/postgres.js';
import { waitFor } from '../../../test/support/wait-for.js';
import { createApp } from '../../src/app.factory.js';

const QUICK: ScriptsEventModuleOptions = {
  retry: { maxRetries: 0, interval: '250ms' },
  sandbox: { minProcesses: 1, maxProcesses: 2 },
  metrics: { deadLetterCacheTime: 0 },
  index: { listen: false },
};

/** The sample app on its own schema, and requests to it. */
export class BackOffice {
  private constructor(readonly app: INestApplication) {}

  static async start(scriptsEvent: ScriptsEventModuleOptions = {}): Promise<BackOffice> {
    const { name } = await createTestSchema({ migrated: 'no' });
    const settings = {
      databaseUrl: testDatabaseUrl(),
      databaseSchema: name,
      scriptsEvent: { ...QUICK, ...scriptsEvent },
    };
    const app = await createApp(settings, ['fatal']);
    await app.init();
    return new BackOffice(app);
  }

  stop(): Promise<void> {
    return this.app.close();
  }

  /** Sends a request of a tenant. With `null`, the request has no tenant header. */
  send(method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, tenantId: string | null): Test {
    const test = request(this.app.getHttpServer())[method](path);
    return tenantId === null ? test : test.set('x-tenant-id', tenantId);
  }

  /** Creates something and returns it. Fails if the request is refused. */
  async create(tenantId: string, path: string, body: object): Promise<{ id: string }> {
    const answer = await this.send('post', path, tenantId).send(body).expect(201);
    return answer.body as { id: string };
  }

  /** Creates an active script. */
  script(tenantId: string, eventType: string, source: string, more: object = {}): Promise<{ id: string }> {
    const name = `${eventType} ${Math.random()}`;
    return this.create(tenantId, '/scripts', {
      name,
      eventTypes: [eventType],
      source,
      active: true,
      ...more,
    });
  }

  /** Waits until a list of the tenant holds `count` items, and returns them. */
  async items(tenantId: string, path: string, count: number): Promise<Record<string, unknown>[]> {
    return waitFor(`${path} has ${count} items`, async () => {
      const { body } = await this.send('get', path, tenantId).expect(200);
      const { items } = body as { items: Record<string, unknown>[] };
      return items.length >= count ? items : undefined;
    });
  }
}
