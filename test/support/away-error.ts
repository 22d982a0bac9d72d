/** What the driver rejects with when nobody listens at the database's address. */
export const awayError = (message = 'connect ECONNREFUSED'): Error =>
  Object.assign(new Error(message), { code: 'ECONNREFUSED' });
