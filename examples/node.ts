/**
 * A small node to watch: answers like a blockchain's API, and can be told to answer wrongly.
 *   node examples/node.ts 8101 alpha
 *   curl -X POST http://127.0.0.1:8101/wrong    answers 200 with a wrong body from now on
 *   curl -X POST http://127.0.0.1:8101/right    answers rightly again
 */
import { createServer } from 'node:http';

const [port = '8101', name = 'node'] = process.argv.slice(2);
const startedAt = Date.now();
let isWrong = false;

const server = createServer((request, response) => {
  if (request.method === 'POST' && request.url === '/wrong') isWrong = true;
  if (request.method === 'POST' && request.url === '/right') isWrong = false;
  const block = 1_000 + Math.floor((Date.now() - startedAt) / 500);
  const body = isWrong ? { error: 'bad alloc' } : { server: name, head_block_num: block };
  response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
});

server.on('error', (error: NodeJS.ErrnoException) => {
  process.stderr.write(`${name}: port ${port} ${error.code === 'EADDRINUSE' ? 'is in use' : error.message} (stop what listens there)\n`);
  process.exitCode = 1;
});
server.listen(Number(port), '127.0.0.1');
process.on('SIGINT', () => server.close());
process.on('SIGTERM', () => process.exit());
