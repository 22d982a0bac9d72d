import type { MigrationInterface } from 'typeorm';
import { CreateScriptsEvent1795392000000 } from './1795392000000-create-scripts-event.js';

/**
 * Every migration of this package, oldest first. Add them to the `migrations` of the host's DataSource. The tables get
 * the DataSource's `schema` and `entityPrefix`.
 *
 * @publicApi
 */
export const SCRIPTS_EVENT_MIGRATIONS: (new () => MigrationInterface)[] = [CreateScriptsEvent1795392000000];
