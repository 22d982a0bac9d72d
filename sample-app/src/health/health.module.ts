import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ScriptsEventHealthIndicator } from 'nestjs-scripts-event/terminus';
import { HealthController } from './health.controller.js';

@Module({
  imports: [TerminusModule],
  controllers: [HealthController],
  providers: [ScriptsEventHealthIndicator],
})
export class HealthModule {}
