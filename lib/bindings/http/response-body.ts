import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, type InputType, type ZlibOptions } from 'node:zlib';
import type { BindingCallError } from '../../common/binding-call.error.js';
import type { JsonValue } from '../../common/json.js';
import { httpError } from './http.errors.js';
import type { AgentResponse } from './undici.js';

type Decompress = (input: InputType, options: ZlibOptions) => Promise<Buffer>;

const DECOMPRESS = new Map<string, Decompress>([
  ['gzip', promisify(gunzip) as Decompress],
  ['x-gzip', promisify(gunzip) as Decompress],
  ['deflate', promisify(inflate) as Decompress],
  ['br', promisify(brotliDecompress) as Decompress],
]);

/**
 * Reads a body up to a size, and stops at the first byte over it.
 *
 * @param announced the `content-length` of the response, if it has one
 * @throws BindingCallError `too-large`
 */
export async function readBody(
  body: AgentResponse['body'],
  maxBytes: number,
  announced: string | undefined,
): Promise<Buffer> {
  if (Number(announced) > maxBytes) {
    // An unread body would keep its connection forever.
    await body.dump({ limit: 1 });
    throw tooLarge(maxBytes);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Decompresses a body within the same size limit. Requests ask for no compression, but a server may compress anyway.
 */
export async function decompress(
  body: Buffer,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity' || body.length === 0) return body;
  const read = DECOMPRESS.get(name);
  if (!read) throw httpError('network', 'The response uses an unsupported compression');
  try {
    return await read(body, { maxOutputLength: Math.max(1, maxBytes) });
  } catch (error) {
    const { code } = error as { code?: string };
    throw code === 'ERR_BUFFER_TOO_LARGE'
      ? tooLarge(maxBytes)
      : httpError('network', "The response can't be decompressed");
  }
}

/** The body as text, in the charset that the response names; otherwise UTF-8. */
export function textOf(body: Buffer, contentType: string): string {
  const [, charset = 'utf-8'] = /;\s*charset="?([\w:-]{1,40})"?/i.exec(contentType) ?? [];
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}

/** The value of a body that is declared as JSON; `undefined` for any other. */
export function jsonOf(text: string, contentType: string): JsonValue | undefined {
  if (!/^[^;]*[/+]json\s*(;|$)/i.test(contentType)) return undefined;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

const tooLarge = (maxBytes: number): BindingCallError =>
  httpError('too-large', `The response is larger than ${maxBytes} bytes`);
