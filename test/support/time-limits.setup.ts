import { limitTests } from './time-limits';

// Before each test file, which may set another limit.
const path = expect.getState().testPath ?? '';
if (path.endsWith('.fault-spec.ts')) limitTests('fault');
else if (path.endsWith('.e2e-spec.ts')) limitTests('busy');
else limitTests('usual');
