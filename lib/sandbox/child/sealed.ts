import Module from 'node:module';

/**
 * Once everything is loaded, removes what this program no longer needs: modules, native code, Node.js internals. The
 * permission model leaves ways around it there: threads that set V8 flags which write files, sockets, debuggers. This
 * stops code that runs JavaScript in this process after breaking out of an isolate; machine code needs none of it.
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
