import type { Provider } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { HOST_MODULE_REF } from '../host-modules.js';
import { BindingRegistry } from '../../bindings/binding.registry.js';
import { EventBuffer } from '../../buffer/event-buffer.js';
import { Clock } from '../../common/clock.js';
import { EventRegistry } from '../../events/event-registry.js';
import { ScriptPresence } from '../../events/script-presence.js';
import { NodeChannel } from '../../nodes/node-channel.js';
import { RESOLVED_OPTIONS } from '../../options/options.tokens.js';
import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import { ScriptSandbox } from '../../sandbox/index.js';
import { ActiveScripts } from '../../scripts/active-scripts.js';
import { BindingNames } from '../../scripts/binding-names.js';
import { KnownEventTypes } from '../../scripts/known-event-types.js';
import { OrderingSupport } from '../../scripts/ordering-support.js';
import { ScriptCeilings } from '../../scripts/script-ceilings.js';
import { ScriptIndex } from '../../scripts/script-index.js';
import { ScriptIndexSync } from '../../scripts/script-index.sync.js';
import { ScriptSources } from '../../scripts/script-sources.js';
import { ScriptRepository } from '../../scripts/script.repository.js';
import { ScriptService } from '../../scripts/script.service.js';
import { ScriptValidator } from '../../scripts/script.validator.js';
import { SourceWarnings } from '../../scripts/source-warnings.js';
import { SourceReader } from '../../scripts/source-reader.js';
import { SourceChecker } from '../../scripts/source-checker.js';
import { TypeStripper } from '../../scripts/typescript/type-stripper.js';
import { make } from './make.js';

export const scriptProviders = (): Provider[] => [
  make(
    OrderingSupport,
    [HOST_MODULE_REF],
    (modules: ModuleRef) => new OrderingSupport(() => modules.get<EventBuffer>(EventBuffer).keepsOrder),
  ),
  make(
    ScriptCeilings,
    [RESOLVED_OPTIONS],
    ({ sandbox }: ResolvedOptions) => new ScriptCeilings(sandbox.maxTimeoutMs, sandbox.maxMemoryMb),
  ),
  ScriptIndex,
  make(
    ScriptSources,
    [ScriptRepository, RESOLVED_OPTIONS],
    (repository: ScriptRepository, { index }: ResolvedOptions) =>
      new ScriptSources(repository, index.maxSourceBytes),
  ),
  ScriptService,
  SourceWarnings,
  ScriptValidator,
  SourceReader,
  make(
    TypeStripper,
    [RESOLVED_OPTIONS],
    ({ sandbox }: ResolvedOptions) => new TypeStripper(sandbox.childPath),
  ),
  { provide: BindingNames, useExisting: BindingRegistry },
  { provide: KnownEventTypes, useExisting: EventRegistry },
  { provide: ScriptPresence, useExisting: ScriptIndex },
  make(
    ScriptIndexSync,
    [ScriptIndex, ActiveScripts, NodeChannel, RESOLVED_OPTIONS, Clock, ScriptSources],
    (
      index: ScriptIndex,
      active: ActiveScripts,
      channel: NodeChannel,
      options: ResolvedOptions,
      clock: Clock,
      sources: ScriptSources,
    ) => new ScriptIndexSync(index, active, channel, options.index, clock, sources),
  ),
  make(
    SourceChecker,
    [ScriptSandbox, RESOLVED_OPTIONS],
    (sandbox: ScriptSandbox, { sandbox: { maxSourceBytes } }: ResolvedOptions): SourceChecker => ({
      maxBytes: maxSourceBytes,
      check: (source, tenantId) => sandbox.check(source, { tenantId }),
    }),
  ),
];
