/** In addresses: the store that all scripts of the tenant share. */
export const SHARED = 'shared';

interface OfStore {
  scriptId: string | null;
}

/** In addresses: any store. */
export const ofStore = ({ scriptId }: OfStore): string => scriptId ?? SHARED;

/** The name of a store. */
export const nameOfStore = ({ scriptId, scriptName }: OfStore & { scriptName: string | null }): string =>
  scriptId === null ? 'Shared store' : (scriptName ?? 'Deleted script');

const UNITS = ['KiB', 'MiB', 'GiB'] as const;

/** “38 bytes”, “1.2 KiB”, “16 MiB”. */
export function bytesInWords(bytes: number): string {
  if (bytes < 1_024) return bytes === 1 ? '1\u00a0byte' : `${bytes}\u00a0bytes`;
  let [size, unit] = [bytes / 1_024, 0];
  while (size >= 1_024 && unit < UNITS.length - 1) [size, unit] = [size / 1_024, unit + 1];
  return `${Number(size.toFixed(size < 10 ? 1 : 0)).toLocaleString('en')}\u00a0${UNITS[unit] ?? ''}`;
}

const EXAMPLE = `await store.increment('payments');
return { payments: await store.get('payments') };`;
const SHARED_EXAMPLE = EXAMPLE.replaceAll('store.', 'store.tenant.');

/** Example code that uses the store. */
export const Example = ({ shared = false }: { shared?: boolean }) => (
  <pre class="example" tabIndex={0} role="region" aria-label="Example of a script that counts">
    <code>{shared ? SHARED_EXAMPLE : EXAMPLE}</code>
  </pre>
);
