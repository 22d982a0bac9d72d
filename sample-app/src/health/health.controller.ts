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
   * Readiness. 503 while the database does not answer, as every request of this application needs it, or while no
   * script can run here; 200 with the reasons while something is degraded.
   */
  @Get()
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.health.check([() => this.database.pingCheck('database'), () => this.scripts.isHealthy()]);
  }
}
