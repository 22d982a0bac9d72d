import type { Provider } from '@nestjs/common';
import { ActivityService } from '../../activity/activity.service.js';
import { TenantsService } from '../../activity/tenants.service.js';
import { Clock } from '../../common/clock.js';
import { SchemaCheck } from '../../entities/typeorm-schema-check.js';
import { DatabasePing } from '../../health/database.ping.js';
import { DatabaseWatch } from '../../health/database.watch.js';
import { RunPhase } from '../../health/run-phase.js';
import { ScriptsEventHealth } from '../../health/scripts-event-health.js';
import { MetricsRecorder } from '../../metrics/metrics.recorder.js';
import { RESOLVED_OPTIONS } from '../../options/options.tokens.js';
import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import { RetentionRepository } from '../../retention/retention.repository.js';
import { RetentionService } from '../../retention/retention.service.js';
import { HostModules } from '../host-modules.js';
import { HEALTH_PARTS, scriptsEventHealth } from './health.parts.js';
import { make } from './make.js';
import { retentionSettings } from './retention-settings.js';

export const operationProviders = (): Provider[] => [
  RunPhase,
  ActivityService,
  TenantsService,
  make(
    RetentionService,
    [RetentionRepository, MetricsRecorder, HostModules, Clock, RESOLVED_OPTIONS],
    (
      repository: RetentionRepository,
      metrics: MetricsRecorder,
      { scheduler }: HostModules,
      clock: Clock,
      options: ResolvedOptions,
    ) => new RetentionService(repository, metrics, scheduler, clock, retentionSettings(options)),
  ),
  make(
    DatabaseWatch,
    [DatabasePing, SchemaCheck, RESOLVED_OPTIONS],
    (database: DatabasePing, schema: SchemaCheck, options: ResolvedOptions) =>
      new DatabaseWatch(database, options.storage.checkMigrations ? schema : null),
  ),
  make(ScriptsEventHealth, HEALTH_PARTS, scriptsEventHealth),
];
