import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CanActivate,
  type CallHandler,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  type INestApplication,
  type NestInterceptor,
  type PipeTransform,
  type Type,
  ValidationPipe,
  VersioningType,
} from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import helmet from 'helmet';
import { map, type Observable } from 'rxjs';
import request from 'supertest';
import {
  ScriptsEventAdminModule,
  type AdminModuleOptions,
  type AdminSession,
} from '../../../lib/admin/index.js';
import { buildApp, type TestAppSpec } from '../../support/app.builder.js';
import { createTestSchema, type TestSchema } from '../../support/postgres.js';
import { RecordedLog } from './recorded-log.js';
import { TestHost } from './test-host.js';

const ALL = ['read', 'data', 'write', 'operate'] as const;

/** The sessions of the host, by the header `x-user`. */
const SESSIONS: Record<string, AdminSession> = {
  ada: { actor: { id: 'ada', name: 'Ada' }, tenants: ['acme'], permissions: ALL },
  ben: { actor: { id: 'ben' }, tenants: ['beta'], permissions: ALL },
  eve: { actor: { id: 'eve' }, tenants: ['acme'], permissions: [] },
  rita: { actor: { id: 'rita' }, tenants: ['acme'], permissions: ['read'] },
  walt: { actor: { id: 'walt' }, tenants: ['acme'], permissions: ['read', 'write'] },
  'ada without read': { actor: { id: 'ada' }, tenants: ['acme'], permissions: ['data', 'write', 'operate'] },
  'ada without data': { actor: { id: 'ada' }, tenants: ['acme'], permissions: ['read', 'write', 'operate'] },
  'ada without write': { actor: { id: 'ada' }, tenants: ['acme'], permissions: ['read', 'data', 'operate'] },
  'ada without operate': { actor: { id: 'ada' }, tenants: ['acme'], permissions: ['read', 'data', 'write'] },
  olga: { actor: { id: 'olga' }, tenants: 'all', permissions: ALL },
};

/** An invalid session of the host. */
const WRONG = { actor: { id: 'w' }, tenants: ['acme'], permissions: ['everything'] };

interface HostRequest {
  headers: Record<string, string | undefined>;
  user?: string;
}

/** The host's own guard, which refuses one person. */
@Injectable()
export class HostGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const asked = context.switchToHttp().getRequest<HostRequest>();
    const user = asked.headers['x-user'];
    if (user === 'mallory') throw new ForbiddenException('Mallory is shut out.');
    if (user !== undefined) asked.user = user;
    return true;
  }
}

export const access = ({ user }: HostRequest): AdminSession | null =>
  user === 'wrong' ? (WRONG as never) : (SESSIONS[user ?? ''] ?? null);

/** Wraps what each route of the host returns. */
@Injectable()
class WrappingInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ wrapped: data })));
  }
}

/** Changes every text that reaches a handler of the host. */
class ShoutingPipe implements PipeTransform {
  transform(value: unknown): unknown {
    return typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text).toUpperCase()]))
      : value;
  }
}

export type Adapter = 'Express' | 'Fastify';

const ADAPTERS: Record<Adapter, Type<ExpressAdapter> | Type<FastifyAdapter>> = {
  Express: ExpressAdapter,
  Fastify: FastifyAdapter,
};

export interface AdminHostSpec extends Partial<Omit<TestAppSpec, 'database'>> {
  /** Default: a database of its own. */
  database?: TestSchema;
  adapter?: Adapter;
  admin?: Partial<AdminModuleOptions>;
  /** Whether the host has a global prefix, versions, an interceptor, pipes and headers of its own. */
  busy?: boolean;
}

/** An application with the API at `/admin/scripts/api`, and requests to it. */
export class AdminHost {
  private constructor(
    readonly host: TestHost,
    private readonly app: INestApplication,
    private readonly prefix: string,
    readonly log: RecordedLog,
  ) {}

  static async start({ adapter = 'Express', admin, busy, ...spec }: AdminHostSpec = {}): Promise<AdminHost> {
    const database = spec.database ?? (await createTestSchema());
    const log = new RecordedLog();
    const module = await buildApp({
      logger: log,
      ...spec,
      database,
      imports: [
        ScriptsEventAdminModule.forRoot({ path: 'admin/scripts', guards: [HostGuard], access, ...admin }),
        ...(spec.imports ?? []),
      ],
    });
    const Adapter = ADAPTERS[adapter] as Type<ExpressAdapter>;
    const app = module.createNestApplication(new Adapter());
    if (busy) burden(app);
    await app.init();
    if (adapter === 'Fastify') await (app as NestFastifyApplication).getHttpAdapter().getInstance().ready();
    return new AdminHost(TestHost.around(app, database), app, busy ? '/back' : '', log);
  }

  close(): Promise<void> {
    return this.host.close();
  }

  /** Listens, and returns the address of the page. */
  async listen(): Promise<string> {
    await this.app.listen(0, '127.0.0.1');
    return `${await this.app.getUrl()}${this.prefix}/admin/scripts`;
  }

  /** Sends a request as a page does. */
  send(
    method: 'get' | 'post' | 'patch' | 'delete',
    path: string,
    user?: string,
    headers: Record<string, string> = {},
  ): request.Test {
    const sent = request(this.app.getHttpServer() as never)[method](
      `${this.prefix}/admin/scripts/api/${path}`,
    );
    if (user !== undefined) void sent.set('x-user', user);
    if (method !== 'get') void sent.set('x-scripts-event', '1');
    return sent.set(headers);
  }

  /** Sends a text as JSON to an address of the host outside of the API. */
  outside(method: 'post', path: string, body: string): request.Test {
    const sent = request(this.app.getHttpServer() as never)[method](`${this.prefix}/${path}`);
    return sent.set('content-type', 'application/json').send(body);
  }

  /** Requests a part of the page, as a browser does. */
  page(path: string, user?: string, headers: Record<string, string> = {}): request.Test {
    const sent = request(this.app.getHttpServer() as never).get(`${this.prefix}/admin/scripts${path}`);
    if (user !== undefined) void sent.set('x-user', user);
    return sent.set(headers);
  }

  /** Listens, and returns the address of the API for a client that stays connected. */
  async address(): Promise<string> {
    if (!(this.app.getHttpServer() as Server).listening) await this.app.listen(0, '127.0.0.1');
    const { port } = (this.app.getHttpServer() as Server).address() as AddressInfo;
    return `http://127.0.0.1:${port}${this.prefix}/admin/scripts/api`;
  }

  get(path: string, user = 'ada', headers: Record<string, string> = {}): request.Test {
    return this.send('get', path, user, headers);
  }

  post(path: string, body?: object, user = 'ada'): request.Test {
    const sent = this.send('post', path, user);
    return body === undefined ? sent : sent.send(body);
  }
}

function burden(app: INestApplication): void {
  app.setGlobalPrefix('back');
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
  app.useGlobalInterceptors(new WrappingInterceptor());
  app.useGlobalPipes(
    new ValidationPipe({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      validateCustomDecorators: true,
    }),
    new ShoutingPipe(),
  );
  app.use(helmet());
}
