import { startErrorOf } from '../../../lib/sandbox/process/start-error.js';

test('the error of a start keeps the beginning of what the process said, and its end', () => {
  const { message } = startErrorOf(`Assertion failed: the cause\n${'at a frame\n'.repeat(1_000)}Node.js v20`);
  expect(message).toContain('Assertion failed: the cause');
  expect(message).toContain('Node.js v20');
  expect(message.length).toBeLessThan(2_000);
});
