import { HttpStatus } from '@nestjs/common';
import type { ErrorCategory } from '../common/errors.js';

/** The HTTP status of each category of errors. */
export const STATUSES: Record<ErrorCategory, HttpStatus> = {
  invalid: HttpStatus.BAD_REQUEST,
  forbidden: HttpStatus.FORBIDDEN,
  'not-found': HttpStatus.NOT_FOUND,
  conflict: HttpStatus.CONFLICT,
  internal: HttpStatus.INTERNAL_SERVER_ERROR,
  unavailable: HttpStatus.SERVICE_UNAVAILABLE,
};
