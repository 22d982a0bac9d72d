import type { FactoryProvider } from '@nestjs/common';
import { DeadLetterWriter } from '../../dead-letter/dead-letter.writer.js';
import { Spill } from '../../dead-letter/spill/spill.js';
import { ExecutionWriter } from '../../execution/execution.writer.js';
import { RESOLVED_OPTIONS } from '../../options/options.tokens.js';
import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import { make } from './make.js';

/** Injection token of the {@link Spill}; its value is null without `storage.spillPath`. */
export const SPILL = Symbol('scripts-event:spill');

export const spillProvider = (): FactoryProvider =>
  make(
    SPILL,
    [RESOLVED_OPTIONS, DeadLetterWriter, ExecutionWriter],
    ({ storage }: ResolvedOptions, deadLetters: DeadLetterWriter, executions: ExecutionWriter) =>
      storage.spillPath === undefined
        ? null
        : new Spill({ folder: storage.spillPath, maxBytes: storage.maxSpillBytes }, deadLetters, executions),
  );
