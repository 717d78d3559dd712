import { isUtf8 } from 'node:buffer';
import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { bodyTooLarge, type HttpAnswer, MAX_BODY_BYTES } from './exchange.ts';
import { codeOf, ProbeFailure } from './failure.ts';

const limits = { maxOutputLength: MAX_BODY_BYTES };

/** Synchronous on purpose: at most 1 MiB in and out takes a few ms, and nothing is left running when a probe ends. */
const decoders: Record<string, (body: Buffer) => Buffer> = {
  identity: (body) => body,
  gzip: (body) => gunzipSync(body, limits),
  'x-gzip': (body) => gunzipSync(body, limits),
  // RFC 9110 8.4.1.2: some servers send deflate without its zlib wrapper, whose first byte ends in 8 (RFC 1950 2.2).
  deflate: (body) => ((body[0] ?? 8) % 16 === 8 ? inflateSync(body, limits) : inflateRawSync(body, limits)),
  br: (body) => brotliDecompressSync(body, limits),
  // RFC 8878 3.1.1.1.2 recommends 8 MiB as the largest window that a decoder serves.
  zstd: (body) => zstdDecompressSync(body, { ...limits, params: { [constants.ZSTD_d_windowLogMax]: 23 } }),
};

export interface BodyText {
  text: string;
  /** Else it is no JSON (RFC 8259 8.1). */
  isUtf8: boolean;
}

/** More layers than this are an attack, not a transfer. */
const MAX_LAYERS = 2;

/**
 * The body as text, decompressed as `Content-Encoding` says, with the decompression bounded. What is not UTF-8 is replaced.
 * Throws `body-too-large`, or `body-encoding` if it is not what its header says.
 */
export function textOf({ status, headers, body }: HttpAnswer): BodyText {
  if (body.length === 0) return { text: '', isUtf8: true };
  const layers = [headers['content-encoding'] ?? []].flat().join(',').toLowerCase().split(',');
  const codings = layers.map((coding) => coding.trim()).filter((coding) => coding !== '');
  if (codings.length > MAX_LAYERS) throw new ProbeFailure('body-encoding', `body is compressed ${codings.length} times`);
  // RFC 9110 8.4: listed in the order in which they were applied.
  const decoded = codings.reverse().reduce((bytes, coding) => decode(bytes, coding, status), body);
  return { text: new TextDecoder().decode(decoded), isUtf8: isUtf8(decoded) };
}

function decode(body: Buffer, coding: string, status: number): Buffer {
  const decoder = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
  if (!decoder) throw new ProbeFailure('body-encoding', `body is compressed with "${coding}", which nobody asked for`);
  try {
    return decoder(body);
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw bodyTooLarge(status);
    throw new ProbeFailure('body-encoding', `body is not ${coding}, as its header says (${codeOf(error)})`);
  }
}
