import type { Provider } from '@nestjs/common';
import { ScriptsEventLifecycle } from '../scripts-event.lifecycle.js';
import { bindingProviders } from './bindings.providers.js';
import { breakerProviders } from './breaker.providers.js';
import { deadLetterProviders } from './dead-letter.providers.js';
import { eventProviders } from './events.providers.js';
import { executionProviders } from './execution.providers.js';
import { foundationProviders } from './foundation.providers.js';
import { operationProviders } from './operation.providers.js';
import { routingProviders } from './routing.providers.js';
import { scheduleProviders } from './schedules.providers.js';
import { scriptProviders } from './scripts.providers.js';
import { storageProviders } from './storage.providers.js';
import { tenantValueProviders } from './tenant-values.providers.js';
import { testRunProviders } from './test-run.providers.js';

/** All providers of the module, each after those it needs. */
export const scriptsEventProviders = (dataSourceName: string | undefined): Provider[] => [
  ...foundationProviders(),
  ...storageProviders(dataSourceName),
  ...scriptProviders(),
  ...tenantValueProviders(),
  ...eventProviders(),
  ...bindingProviders(),
  ...executionProviders(),
  ...deadLetterProviders(),
  ...breakerProviders(),
  ...operationProviders(),
  ...testRunProviders(),
  ...routingProviders(),
  ...scheduleProviders(),
  ScriptsEventLifecycle,
];
