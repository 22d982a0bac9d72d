import { Logger } from '@nestjs/common';
import { HandedBackError, LeaseLostError } from './engine.errors.js';
import type { EngineModule } from './engine.js';

/**
 * What the engine says, in the host's log. Its errors are warnings here, as it tries again; what really failed this
 * package logs itself. Its news of each job are left out.
 */
export function engineLogger(engine: EngineModule): unknown {
  const logger = new Logger('DurableBuffer');
  return new engine.Logger(() => (level, message, meta) => {
    if (meta?.error instanceof HandedBackError || meta?.error instanceof LeaseLostError) return;
    if (level === 'error') logger.warn(message.split('\n', 1)[0]);
    else if (level === 'warning' && !message.startsWith('Your job batch size')) logger.warn(message);
  });
}
