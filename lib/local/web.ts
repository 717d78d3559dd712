import { serve } from '@hono/node-server';
import { createWeb } from '../web/app.ts';
import type { WebPorts } from '../web/ports.ts';

/** Serves the web part on loopback; rejects with `code: EADDRINUSE` when the port is taken. */
export async function startWeb({
  port,
  ...ports
}: WebPorts & { port: number }): Promise<{ url: string; close(): Promise<void> }> {
  const app = createWeb(ports);
  const hostname = '127.0.0.1';
  return await new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname, port }, (address) => {
      server.off('error', reject);
      resolve({ url: `http://${hostname}:${address.port}`, close });
    });
    server.once('error', reject);
    const close = () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        // Event streams never end by themselves.
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
  });
}
