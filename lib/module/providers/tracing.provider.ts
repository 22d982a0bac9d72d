import type { Provider, Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { Clock } from '../../common/clock.js';
import { PrintableLogger } from '../../common/printable-logger.js';
import { ThrottledLog } from '../../common/throttled-log.js';
import { EventRegistry } from '../../events/event-registry.js';
import { RESOLVED_OPTIONS } from '../../options/options.tokens.js';
import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import { GuardedTracing } from '../../tracing/script-span.js';
import { ScriptSpans } from '../../tracing/script-spans.js';
import { Tracing } from '../../tracing/tracing.js';
import { HOST_MODULE_REF } from '../host-modules.js';
import { findProvider } from './find-provider.js';
import { make } from './make.js';

/** The spans of the application, made by the host's tracing if it has one. */
export const tracingProvider = (): Provider =>
  make(
    ScriptSpans,
    [RESOLVED_OPTIONS, EventRegistry, Clock, HOST_MODULE_REF],
    ({ tracing }: ResolvedOptions, registry: EventRegistry, clock: Clock, modules: ModuleRef) => {
      const { adapter } = tracing;
      const given =
        typeof adapter === 'function'
          ? findProvider(modules, adapter as Type<Tracing>, 'tracing.adapter')
          : (adapter as Tracing | undefined);
      const log = new ThrottledLog(new PrintableLogger(Tracing.name), clock);
      return new ScriptSpans(given && new GuardedTracing(given, log), registry);
    },
  );
