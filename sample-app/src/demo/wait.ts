const POLL_MS = 20;

/**
 * Asks again until there is an answer, and returns it. After `timeoutMs`, throws an error that names the state for which it
 * has waited.
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
