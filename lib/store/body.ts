import { gunzipSync, gzipSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { StoreError } from './error.ts';

/** JSON above this many bytes is stored compressed; below it people can read it in the console. */
const gzipAboveBytes = 48 * 1024;
/** DynamoDB's item limit is 400 KB (developer guide, "Quotas"), attribute names and keys included: 4 KB are left for them. */
const maxBodyBytes = 396 * 1024;
/** No item of ours expands further; what does was not written by us. */
const maxJsonBytes = 64 * 1024 * 1024;

/** What a value too large for an item loses, step by step: first the inputs kept for replay, then the length of details. */
const reductions = [
  { replay: true, detailLength: Number.POSITIVE_INFINITY },
  { replay: false, detailLength: Number.POSITIVE_INFINITY },
  { replay: false, detailLength: 80 },
  { replay: false, detailLength: 0 },
];

/**
 * A value as the `body` attribute: JSON text, gzip when it is large. A value that does not fit loses `replay`, then its
 * `detail` texts are cut to 80 characters, then to none. Throws `StoreError` `item-too-large` when even that does not fit.
 * `limitBytes` is smaller where an item has other large attributes.
 */
export function encodeBody(what: string, value: unknown, limitBytes = maxBodyBytes): AttributeValue {
  for (const { replay, detailLength } of reductions) {
    const body = encodeJson(
      JSON.stringify(value, (key, field: unknown) => {
        if (typeof field !== 'string') return field;
        if (key === 'replay' && !replay) return undefined;
        return key === 'detail' ? field.slice(0, detailLength) : field;
      }),
    );
    if (bodyBytes(body) <= limitBytes) return body;
  }
  throw new StoreError(
    'item-too-large',
    `${what}: larger than a DynamoDB item can be, even compressed and shortened (split the cell)`,
  );
}

/** JSON text as an attribute, gzip when it is large. */
export function encodeJson(json: string): AttributeValue.SMember | AttributeValue.BMember {
  return Buffer.byteLength(json) <= gzipAboveBytes ? { S: json } : { B: gzipSync(json) };
}

/** The value of a body attribute; `undefined` when it is absent, not JSON or not gzip. */
export function decodeBody(body: AttributeValue | undefined): unknown {
  try {
    if (body?.S !== undefined) return JSON.parse(body.S);
    if (body?.B !== undefined) return JSON.parse(gunzipSync(body.B, { maxOutputLength: maxJsonBytes }).toString());
  } catch {
    // The caller says `unreadable`: that is the error.
  }
  return undefined;
}

function bodyBytes(body: AttributeValue.SMember | AttributeValue.BMember): number {
  return body.S !== undefined ? Buffer.byteLength(body.S) : body.B.byteLength;
}
