import Module from 'node:module';

/**
 * Takes away, once everything is loaded, what this program has no more use for: modules, native code, the inside of
 * Node.js. The permission model leaves ways around it there: threads that set flags of V8 which write files, sockets,
 * debuggers. It stops what runs JavaScript in this process by a hole in the wall of an isolate; machine code needs none
 * of it.
 */
export function seal(): void {
  const closed = { value: refuse, writable: false, configurable: false };
  const ways: [object, string[]][] = [
    [Module, ['_load', '_resolveFilename', '_extensions', 'createRequire', 'register', 'registerHooks']],
    [Module.prototype, ['require', 'load', '_compile']],
    [
      process,
      ['dlopen', 'binding', '_linkedBinding', 'getBuiltinModule', 'chdir', 'execve', 'loadEnvFile', 'report'],
    ],
  ];
  for (const [owner, names] of ways)
    for (const name of names) if (name in owner) Object.defineProperty(owner, name, closed);
}

function refuse(): never {
  throw new Error('closed in a sandbox process');
}
