import type { JsonrpcSpec, WebSpec } from '../core/cell.ts';
import { type BodyText, textOf } from './body.ts';
import { judgeCertificates, judgeTime } from './expectations.ts';
import { ProbeFailure } from './failure.ts';
import { type Fetched, fetchAnswer, headersOf } from './fetch.ts';
import { judgeValue, parseJson } from './json.ts';
import type { Look, Outcome } from './look.ts';
import { firstLine } from './show.ts';

/** What was asked for, parsed, with the answer that carried it. */
export interface JsonAnswer {
  value: unknown;
  answer: Fetched;
}

/** A call that was understood and answered with an error object (JSON-RPC 2.0, 5.1). */
export class RpcError extends ProbeFailure {
  readonly code: unknown;
  readonly data: unknown;

  constructor(detail: string, { code, data }: Record<string, unknown>) {
    super('rpc-error', detail);
    this.code = code;
    this.data = data;
  }
}

/** An answer with its body read. */
interface Got {
  answer: Fetched;
  body: BodyText;
}

/** One call a connection, so any number will do. */
const ID = 1;
const JSON_TYPE = 'application/json';

/** One JSON-RPC 2.0 call, its result judged. */
export async function probeJsonrpc(spec: JsonrpcSpec, look: Look): Promise<Outcome> {
  const { expect } = spec;
  const { value, answer } = await callJsonRpc(spec, spec, look);
  const tookMs = look.elapsedMs();
  const certificate = judgeCertificates(answer.certificates, Date.now(), expect.certificate);
  const findings = [...judgeValue(value, expect.json, look.show), ...judgeTime(tookMs, expect.time), ...certificate];
  return { findings, tookMs, note: answer.note };
}

/**
 * Calls one method by POST to the spec's URL and gives its `result`. Throws `RpcError` for an error object, whatever the status
 * (Bitcoin and CometBFT send 500 with it), else `ProbeFailure`: `status`, `json-invalid`, `protocol-error`, or why there was no answer.
 */
export async function callJsonRpc(
  spec: WebSpec,
  { method, params }: { method: string; params?: unknown },
  look: Look,
): Promise<JsonAnswer> {
  const call = JSON.stringify({ jsonrpc: '2.0', id: ID, method, params });
  const { answer, body } = await post(spec, call, look);
  const parsed = parseJson(body);
  const message = 'value' in parsed ? parsed.value : undefined;
  if (isObject(message) && isObject(message.error)) {
    const { code, message: words } = message.error;
    throw new RpcError(`${method}: error ${look.show.value(code)}, ${look.show.value(words)}`, message.error);
  }
  judgeStatus(answer, body, look);
  jsonOf(parsed, body, look);
  if (!isObject(message)) throw new ProbeFailure('protocol-error', `not an answer of JSON-RPC: ${look.show.quote(body.text)}`);
  if (message.id !== ID)
    throw new ProbeFailure('protocol-error', `the answer is to call ${look.show.value(message.id)}, not ${ID}`);
  if (!('result' in message)) throw new ProbeFailure('protocol-error', `neither result nor error: ${look.show.quote(body.text)}`);
  return { value: message.result, answer };
}

/**
 * Asks for JSON and gives it parsed: a GET, or a POST of `body` as JSON; `path` goes below the spec's URL.
 * Throws `ProbeFailure`: `status` unless it is 2xx, `json-invalid`, or why there was no answer.
 */
export async function fetchJson(
  spec: WebSpec,
  { path, body }: { path: string; body?: unknown },
  look: Look,
): Promise<JsonAnswer> {
  const below = { ...spec, url: `${spec.url.replace(/\/$/, '')}${path}` };
  const got = body === undefined ? await get(below, look) : await post(below, JSON.stringify(body), look);
  judgeStatus(got.answer, got.body, look);
  return { value: jsonOf(parseJson(got.body), got.body, look), answer: got.answer };
}

async function get(spec: WebSpec, look: Look): Promise<Got> {
  const headers = await headersOf(spec, look, { accept: JSON_TYPE });
  return read(await fetchAnswer(spec, { method: 'GET', headers }, look));
}

async function post(spec: WebSpec, body: string, look: Look): Promise<Got> {
  const headers = await headersOf(spec, look, { accept: JSON_TYPE, 'content-type': JSON_TYPE });
  return read(await fetchAnswer(spec, { method: 'POST', headers, body }, look));
}

const read = (answer: Fetched): Got => ({ answer, body: textOf(answer) });

/** Throws unless the status is 2xx. */
function judgeStatus({ status }: Fetched, { text }: BodyText, look: Look): void {
  if (status < 200 || status > 299) {
    const line = firstLine(text, status);
    throw new ProbeFailure('status', `HTTP ${status}, expected 2xx${line && `: ${look.show.quote(line)}`}`);
  }
}

/** Throws unless the body is JSON. */
function jsonOf(parsed: ReturnType<typeof parseJson>, { text }: BodyText, look: Look): unknown {
  if ('reason' in parsed) throw new ProbeFailure(parsed.reason, `body ${parsed.why}: ${look.show.quote(text)}`);
  return parsed.value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
