import { startErrorOf } from '../../../lib/sandbox/process/start-error.js';

test('the error of a failed start keeps the beginning and the end of the output of the process', () => {
  const { message } = startErrorOf(`Assertion failed: the cause\n${'at a frame\n'.repeat(1_000)}Node.js v20`);
  expect(message).toContain('Assertion failed: the cause');
  expect(message).toContain('Node.js v20');
  expect(message.length).toBeLessThan(2_000);
});
