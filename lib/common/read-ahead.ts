/**
 * Yields what `read` returns, one after the other. Reads the next item while the caller works on the current one.
 *
 * @param read begins to read the next item; returns undefined at the end
 */
export async function* readAhead<Read>(
  read: (before?: Read) => Promise<Read> | undefined,
): AsyncGenerator<Read> {
  let reading = read();
  while (reading) {
    const here: Read = await reading;
    reading = read(here);
    // The caller gets the error when it awaits the promise. Until then it must not be an unhandled rejection.
    reading?.catch(() => undefined);
    yield here;
  }
}
