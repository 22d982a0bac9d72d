import type { Provider } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Clock, SystemClock } from '../../common/clock.js';
import { requireOptions } from '../../options/module-options.js';
import { RESOLVED_OPTIONS } from '../../options/options.tokens.js';
import { resolveOptions } from '../../options/resolve-options.js';

import {
  HOST_MODULE_REF,
  hostModuleRef,
  HostModules,
  OPTIONAL_MODULE_REF,
  OPTIONAL_EMITTER,
  OPTIONAL_MODULES,
  OPTIONAL_SCHEDULER,
} from '../host-modules.js';
import { MODULE_OPTIONS_TOKEN } from '../scripts-event.module-definition.js';
import { make } from './make.js';

export const foundationProviders = (): Provider[] => [
  make(RESOLVED_OPTIONS, [MODULE_OPTIONS_TOKEN], (given: unknown) => resolveOptions(requireOptions(given))),
  make(HostModules, [OPTIONAL_MODULES, OPTIONAL_EMITTER, OPTIONAL_SCHEDULER], HostModules.of),
  make(HOST_MODULE_REF, [OPTIONAL_MODULE_REF], hostModuleRef),
  // Made here instead of by Nest's DiscoveryModule, whose error doesn't name the cause when there are two copies of
  // Nest.
  make(DiscoveryService, [HostModules], ({ modules }: HostModules) => new DiscoveryService(modules)),
  { provide: Clock, useClass: SystemClock },
];
