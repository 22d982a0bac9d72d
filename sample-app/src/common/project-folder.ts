import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of the checkout, wherever this file was compiled to. */
export function projectFolder(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'sample-app', 'scripts'))) return folder;
  throw new Error(`There is no folder sample-app/scripts above ${__dirname}.`);
}
