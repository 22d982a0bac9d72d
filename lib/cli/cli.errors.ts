import { ScriptsEventError } from '../common/errors.js';

/** What was asked of the command line cannot be done: a wrong option, a file that is not there. */
export class CommandError extends ScriptsEventError {
  readonly code = 'command';
}
