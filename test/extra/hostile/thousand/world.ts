/** A child process with one server of each kind that is well, and one of each kind that never answers. Says its ports. */
import { createSocket } from 'node:dgram';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Server } from 'node:net';
import { decode, encode } from 'dns-packet';
import { WebSocketServer } from 'ws';
import { issue } from '../../../probes/pki.ts';
import { HOLES, type World } from './checks.ts';

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', 2_048, () => resolve((server.address() as AddressInfo).port)));

/** A name server that knows one address for everything, and says nothing of holes. */
async function serveNames(isSilent: (name: string) => boolean): Promise<number> {
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) => {
    const { id, questions = [] } = decode(message);
    const name = questions[0]?.name ?? '';
    if (isSilent(name)) return;
    const answers = [{ name, type: 'A' as const, ttl: 0, data: '127.0.0.1' }];
    socket.send(encode({ type: 'response', id, flags: 0x180, questions, answers }), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket.address().port;
}

async function start(): Promise<World> {
  const authority = await issue('root', { authority: true });
  const certificate = await issue('node.test', { by: authority, names: ['node.test'] });
  const page = (_request: unknown, response: http.ServerResponse) => response.end('{"answer":42}');
  const rpc = (request: http.IncomingMessage, response: http.ServerResponse) =>
    request.resume().on('end', () => response.end('{"jsonrpc":"2.0","id":1,"result":"0x1"}'));
  const feed = http.createServer();
  new WebSocketServer({ server: feed }).on('connection', (client) => client.on('error', () => undefined));
  const quiet = (socket: net.Socket) => void socket.on('error', () => undefined).resume();
  const ports = {
    http: await listen(http.createServer(page)),
    https: await listen(https.createServer(certificate, page)),
    jsonrpc: await listen(http.createServer(rpc)),
    banner: await listen(net.createServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-x\r\n'))),
    websocket: await listen(feed),
    names: await serveNames((name) => name.endsWith(HOLES)),
    silent: await listen(net.createServer(quiet)),
    silentNames: await serveNames(() => true),
  };
  return { ports, ca: authority.cert };
}

process.send?.(await start());
