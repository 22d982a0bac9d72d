import {
  DuplicateScriptNameError,
  DuplicateSecretError,
  EventRefusedError,
  EventTypeNameError,
  InvalidQueryError,
  type ScriptsEventError,
} from '../../../lib/index.js';

/** Errors about one field, each with its path and code. Errors about several fields list their issues themselves. */
const ERRORS: [ScriptsEventError & { issues?: readonly object[] }, string, string][] = [
  [new InvalidQueryError('hosts[0]', 'hosts[0] must be a host'), 'hosts[0]', 'invalid'],
  [new EventRefusedError('a.b', 'bigint', 'amount is a BigInt', 'amount'), 'amount', 'bigint'],
  [new EventRefusedError('a.b', 'no-tenant', 'it has no tenant'), 'event', 'no-tenant'],
  [new EventTypeNameError('a b'), 'eventTypes', 'format'],
  [new DuplicateSecretError('token'), 'name', 'duplicate'],
  [new DuplicateScriptNameError('Once'), 'name', 'duplicate'],
];

describe('an error about a field', () => {
  it.each(ERRORS)('lists the field as an issue with the message of the error: %s', (error, path, code) => {
    expect(error.issues).toEqual([{ path, code, message: error.message }]);
  });
});
