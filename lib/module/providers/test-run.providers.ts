import type { Provider } from '@nestjs/common';
import { TestEvents } from '../../test-run/test-run.events.js';
import { TestRunner } from '../../test-run/test-run.runner.js';
import { TestRunService } from '../../test-run/test-run.service.js';

export const testRunProviders = (): Provider[] => [TestEvents, TestRunner, TestRunService];
