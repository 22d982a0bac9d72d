import { startErrorOf } from '../../../lib/sandbox/process/start-error.js';

test('the error of a failed start keeps the beginning and the end of the output of the process', () => {
  const { message } = startErrorOf(`Assertion failed: the cause\n${'at a frame\n'.repeat(1_000)}Node.js v20`);
  expect(message).toContain('Assertion failed: the cause');
  expect(message).toContain('Node.js v20');
  expect(message.length).toBeLessThan(2_000);
});

test.each([
  ['spawn /usr/bin/node EMFILE: too many open files', 'Raise the limit of open files'],
  ['spawn /usr/bin/node ENFILE: file table overflow', 'Raise the limit of open files'],
  [
    'spawn /usr/bin/node EAGAIN: resource temporarily unavailable',
    'Raise the limit of processes and threads',
  ],
  ['Error [ERR_WORKER_INIT_FAILED]: Worker initialization failure: EAGAIN', 'Raise the limit of processes'],
  ['what():  Resource temporarily unavailable', 'Raise the limit of processes and threads'],
  ['spawn /usr/bin/node ENOMEM: not enough memory', 'Give the machine or container more memory'],
  [
    '# Fatal process OOM in Failed to reserve virtual memory for CodeRange',
    'Raise the limit of address space',
  ],
  ["Error: Cannot find module 'isolated-vm'", 'Check that isolated-vm is installed'],
])('the error of a failed start that said "%s" says what to change', (said, advice) => {
  const { message } = startErrorOf(said);
  expect(message).toMatch(/^No sandbox process could be started\. /);
  expect(message).toContain(advice);
  expect(message).toContain(said);
});
