/**
 * Pauses and resumes a block producer as its role changes. Run it beside nodeos, whose producer_api belongs on loopback:
 *
 *     HOOK_SECRET=… NODEOS=http://127.0.0.1:8888 PORT=8080 node nodeos.ts
 *
 * behind something that speaks https, and name it in the configuration (examples/hooks/nodeos.yaml).
 *
 * nodeos: `POST /v1/producer/pause|resume` take no arguments and answer 201 `{"result": "ok"}`, `POST /v1/producer/paused` answers
 * 201 with `true` or `false` (github.com/AntelopeIO/leap, plugins/producer_api_plugin/producer.swagger.yaml, read 2026-11).
 */
import { createServer, type RequestListener } from 'node:http';
import { isGenuine } from './verify.ts';

export interface RelayOptions {
  secret: string;
  /** URL of nodeos, without path. */
  nodeos: string;
}

/** Answers 200 only when nodeos has confirmed that it is paused, or resumed: a fence waits for that. */
export function createRelay({ secret, nodeos }: RelayOptions): RequestListener {
  let last = { incarnation: '', epoch: 0 };

  async function call(method: string): Promise<string> {
    const answer = await fetch(`${nodeos}/v1/producer/${method}`, { method: 'POST', signal: AbortSignal.timeout(3_000) });
    if (!answer.ok) throw new Error(`nodeos answered ${answer.status} to ${method}`);
    return answer.text();
  }

  async function take(body: string): Promise<string> {
    const { event, role, incarnation, epoch } = JSON.parse(body);
    if (event !== 'role') return 'nothing to do';
    // A call that comes late must not undo what a later one said.
    if (incarnation === last.incarnation && epoch < last.epoch) return 'overtaken';
    last = { incarnation, epoch };
    await call(role === 'MASTER' ? 'resume' : 'pause');
    const isPaused = (await call('paused')).trim() === 'true';
    if (isPaused === (role === 'MASTER')) throw new Error(`nodeos is ${isPaused ? 'still paused' : 'not paused'}`);
    return isPaused ? 'paused' : 'resumed';
  }

  return (request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => {
      body += chunk;
      if (body.length > 65_536) request.destroy();
    });
    request.on('end', () => {
      if (!isGenuine(request.headers, body, secret)) return response.writeHead(401).end();
      take(body).then(
        (done) => response.writeHead(200).end(done),
        (error) => response.writeHead(502).end(error.message),
      );
    });
  };
}

if (import.meta.main) {
  const { HOOK_SECRET: secret, NODEOS: nodeos = 'http://127.0.0.1:8888', PORT = '8080' } = process.env;
  if (!secret) throw new Error('HOOK_SECRET: is not set (set it to the secret of the hook)');
  createServer(createRelay({ secret, nodeos })).listen(Number(PORT));
}
