import { CreateBackOffice1790000000000 } from './1790000000000-create-back-office.js';

/** The back office's migrations, oldest first. */
export const backOfficeMigrations = [CreateBackOffice1790000000000];
