import Module from 'node:module';

/**
 * Closes what this program no longer needs once everything is loaded: modules, native code, Node.js internals. They
 * offer ways around the permission model: threads that set V8 flags which write files, sockets, debuggers. Closing them
 * stops code that runs JavaScript in this process after it has broken out of an isolate. It does not stop machine code,
 * which needs none of them.
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
