const POLL_MS = 20;

/**
 * Asks again until the answer is there, and returns it. What is waited for is a state, so it takes as long as it takes;
 * after `timeoutMs` it fails with the state's name.
 */
export async function waitUntil<T>(
  state: string,
  ask: () => T | undefined | Promise<T | undefined>,
  timeoutMs = 120_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs / 1000} s in vain until ${state}.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
