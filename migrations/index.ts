import { CreateScriptsEvent1795392000000 } from './1795392000000-create-scripts-event.js';
import { CreateDurableBuffer1795410000000 } from './1795410000000-create-durable-buffer.js';
import { CompleteOnce1795420000000 } from './1795420000000-complete-once.js';
import { Authoring1795430000000 } from './1795430000000-authoring.js';
import { ScriptHealth1795440000000 } from './1795440000000-script-health.js';
import { OrderingAndRates1795450000000 } from './1795450000000-ordering-and-rates.js';
import { DeadLettersByCause1795460000000 } from './1795460000000-dead-letters-by-cause.js';
import { FencingTokens1795470000000 } from './1795470000000-fencing-tokens.js';
import { UndecidedEvents1795480000000 } from './1795480000000-undecided-events.js';
import { ReplayedExecutions1795490000000 } from './1795490000000-replayed-executions.js';
import { UndecidedTogether1795500000000 } from './1795500000000-undecided-together.js';

/**
 * Every migration of this package, oldest first: add them to the `migrations` of the host's DataSource.
 * Tables get the DataSource's `schema` and `entityPrefix`.
 *
 * @publicApi
 */
export const SCRIPTS_EVENT_MIGRATIONS = [
  CreateScriptsEvent1795392000000,
  CreateDurableBuffer1795410000000,
  CompleteOnce1795420000000,
  Authoring1795430000000,
  ScriptHealth1795440000000,
  OrderingAndRates1795450000000,
  DeadLettersByCause1795460000000,
  FencingTokens1795470000000,
  UndecidedEvents1795480000000,
  ReplayedExecutions1795490000000,
  UndecidedTogether1795500000000,
];
