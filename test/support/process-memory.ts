import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** The writable memory of a process, heaps and buffers alike, in pieces. Only on Linux, for a child of this process. */
function* memoryOf(pid: number): Generator<Buffer> {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'latin1').split('\n')) {
      const [, from, to, rights] = /^([\da-f]+)-([\da-f]+) (\S+)/.exec(line) ?? [];
      if (!rights?.startsWith('rw') || line.includes('[v')) continue;
      const piece = read(memory, Number.parseInt(from!, 16), Number.parseInt(to!, 16));
      if (piece) yield piece;
    }
  } finally {
    closeSync(memory);
  }
}

/** Undefined for a piece that the process has released in the meantime, and for addresses that are only reserved. */
function read(memory: number, from: number, to: number): Buffer | undefined {
  if (to - from > 1024 * 1024 * 1024) return undefined;
  const piece = Buffer.alloc(to - from);
  try {
    return piece.subarray(0, readSync(memory, piece, 0, piece.length, from));
  } catch {
    return undefined;
  }
}

/** Which of some texts are in the memory of a process, as one byte or two for each character. */
export function foundIn(pid: number, texts: readonly string[]): string[] {
  const found = new Set<string>();
  for (const piece of memoryOf(pid))
    for (const text of texts)
      if (piece.includes(text, 0, 'latin1') || piece.includes(text, 0, 'utf16le')) found.add(text);
  return [...found];
}
