import { ScriptsEventError } from '../common/errors.js';

/** The command can't be carried out: an invalid option, a missing file. */
export class CommandError extends ScriptsEventError {
  readonly code = 'command';
}
