import { Controller, Get } from '@nestjs/common';
import {
  HealthCheck,
  HealthCheckService,
  TypeOrmHealthIndicator,
  type HealthCheckResult,
} from '@nestjs/terminus';
import { ScriptsEventHealthIndicator } from 'nestjs-scripts-event/terminus';

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly database: TypeOrmHealthIndicator,
    private readonly scripts: ScriptsEventHealthIndicator,
  ) {}

  /**
   * Readiness. Responds with 503 while the database doesn't answer, because every request of this application needs it, or
   * while no script can run here. Responds with 200 and the reasons while something is degraded.
   */
  @Get()
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.health.check([() => this.database.pingCheck('database'), () => this.scripts.isHealthy()]);
  }
}
