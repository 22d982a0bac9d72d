import type { Provider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { Clock, SystemClock } from '../../common/clock.js';
import { requireOptions } from '../../options/module-options.js';
import { RESOLVED_OPTIONS } from '../../options/options.tokens.js';
import { resolveOptions } from '../../options/resolve-options.js';

import { HostModules, OPTIONAL_EMITTER, OPTIONAL_SCHEDULER } from '../host-modules.js';
import { MODULE_OPTIONS_TOKEN } from '../scripts-event.module-definition.js';
import { make } from './make.js';

export const foundationProviders = (): Provider[] => [
  make(RESOLVED_OPTIONS, [MODULE_OPTIONS_TOKEN], (given: unknown) => resolveOptions(requireOptions(given))),
  make(HostModules, [ModulesContainer, OPTIONAL_EMITTER, OPTIONAL_SCHEDULER], HostModules.of),
  { provide: Clock, useClass: SystemClock },
];
