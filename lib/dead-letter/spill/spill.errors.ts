import { ScriptsEventError } from '../../common/errors.js';

/**
 * The folder of `storage.spillPath` can't be used. Thrown when the application starts.
 *
 * @publicApi
 */
export class SpillFolderError extends ScriptsEventError {
  readonly code = 'spill-folder';

  constructor(folder: string, why: string, cause?: unknown) {
    super(
      `storage.spillPath = ${JSON.stringify(folder)} ${why}. Set it to an existing folder that this process can write to, ` +
        'or remove the option.',
      { cause },
    );
  }
}
