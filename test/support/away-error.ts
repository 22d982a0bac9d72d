/** The error of the driver when nothing listens at the address of the database. */
export const awayError = (message = 'connect ECONNREFUSED'): Error =>
  Object.assign(new Error(message), { code: 'ECONNREFUSED' });
