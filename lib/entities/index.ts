import { DeadLetterEntity } from './dead-letter.entity.js';
import { ExecutionEntity } from './execution.entity.js';
import { ScriptEntity } from './script.entity.js';
import { ScriptHealthEntity } from './script-health.entity.js';
import { ScriptVersionEntity } from './script-version.entity.js';
import { SecretEntity } from './secret.entity.js';
import { StoreEntryEntity } from './store-entry.entity.js';
import { VariableEntity, VariableVersionEntity } from './variable.entity.js';

export * from './dead-letter.entity.js';
export * from './execution.entity.js';
export * from './script.entity.js';
export * from './script-health.entity.js';
export * from './script-version.entity.js';
export * from './secret.entity.js';
export * from './store-entry.entity.js';
export * from './variable.entity.js';

/**
 * The package's entities. List them in the host's DataSource, or set `autoLoadEntities`.
 *
 * @publicApi
 */
export const SCRIPTS_EVENT_ENTITIES = [
  ScriptEntity,
  ScriptVersionEntity,
  ExecutionEntity,
  DeadLetterEntity,
  ScriptHealthEntity,
  SecretEntity,
  VariableEntity,
  VariableVersionEntity,
  StoreEntryEntity,
];
