import { Controller, Get, type INestApplication, Module } from '@nestjs/common';
import { HealthCheck, HealthCheckService, HealthIndicatorService, TerminusModule } from '@nestjs/terminus';
import request from 'supertest';
import { RunPhase } from '../../lib/health/run-phase.js';
import { ScriptsEventHealth, type HealthReport } from '../../lib/index.js';
import { ScriptsEventHealthIndicator } from '../../lib/terminus/index.js';
import { buildApp } from '../support/app.builder.js';
import { createTestSchema } from '../support/postgres.js';
import { waitFor } from '../support/wait-for.js';
import { RecordedLog } from './support/recorded-log.js';

/** Terminus 11 has no state `degraded`. */
const TERMINUS_KNOWS_DEGRADED = 'degraded' in new HealthIndicatorService().check('any');

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly scripts: ScriptsEventHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check() {
    return this.health.check([() => this.scripts.isHealthy()]);
  }
}

@Module({
  imports: [TerminusModule],
  controllers: [HealthController],
  providers: [ScriptsEventHealthIndicator],
})
class HealthModule {}

describe('the Terminus endpoint', () => {
  let app: INestApplication;

  beforeAll(async () => {
    const module = await buildApp({
      database: await createTestSchema(),
      imports: [HealthModule],
      logger: new RecordedLog(),
    });
    app = await module.createNestApplication().init();
    await waitFor('all is up', async () => (await app.get(ScriptsEventHealth).check()).status === 'up');
  });
  afterAll(() => app.close());
  afterEach(() => jest.restoreAllMocks());

  const answer = () => request(app.getHttpServer() as never).get('/health');

  it('responds with 200 and every part while all parts are up', async () => {
    const { body } = await waitFor('all is well', async () => {
      const answered = await answer().expect(200);
      return (answered.body as { status: string }).status === 'ok' && answered;
    });
    expect(body).toMatchObject({
      status: 'ok',
      error: {},
      info: {
        'scripts-event': {
          status: 'up',
          summary: 'up',
          components: {
            intake: { status: 'up', reason: 'events are captured', figures: { phase: 'running' } },
            sandbox: { status: 'up' },
          },
        },
      },
    });
  });

  it('responds with 200 and names the degraded parts while a part is degraded', async () => {
    const health = app.get(ScriptsEventHealth);
    const report: HealthReport = {
      ...health.snapshot(),
      status: 'degraded',
      summary: 'degraded; queue is degraded: full',
    };
    jest.spyOn(health, 'check').mockResolvedValue(report);
    const { body } = await answer().expect(200);
    const summary = 'degraded; queue is degraded: full';
    expect(body).toMatchObject(
      TERMINUS_KNOWS_DEGRADED
        ? { status: 'degraded', details: { 'scripts-event': { status: 'degraded', summary } } }
        : { status: 'ok', details: { 'scripts-event': { status: 'up', degraded: true, summary } } },
    );
  });

  it('responds with 503 while events are not captured', async () => {
    const phase = app.get(RunPhase);
    phase.current = 'stopping';
    const { body } = await answer().expect(503);
    phase.current = 'running';
    expect(body).toMatchObject({
      status: 'error',
      error: { 'scripts-event': { status: 'down', summary: expect.stringContaining('intake is down') } },
    });
  });
});

describe('the indicator with Terminus 11, which has no degraded state', () => {
  it('returns the state up with degraded: true', async () => {
    const session = { up: (data: object) => ({ scripts: { ...data, status: 'up' } }), down: () => ({}) };
    const indicators = { check: () => session } as unknown as HealthIndicatorService;
    const health = { check: async () => ({ status: 'degraded', summary: 'degraded; …', components: {} }) };
    const indicator = new ScriptsEventHealthIndicator(indicators, health as unknown as ScriptsEventHealth);
    expect(await indicator.isHealthy('scripts')).toEqual({
      scripts: { status: 'up', degraded: true, summary: 'degraded; …', components: {} },
    });
  });
});
