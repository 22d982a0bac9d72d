/**
 * Gives what is read, one after the other. The next is on its way while the caller works on one.
 *
 * @param read begins to read what comes after; undefined at the end
 */
export async function* readAhead<Read>(
  read: (before?: Read) => Promise<Read> | undefined,
): AsyncGenerator<Read> {
  let reading = read();
  while (reading) {
    const here: Read = await reading;
    reading = read(here);
    // Whoever awaits it gets its error; until then it must not be an unhandled rejection.
    reading?.catch(() => undefined);
    yield here;
  }
}
