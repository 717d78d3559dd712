import { handle } from 'hono/aws-lambda';
import packageJson from '../../package.json' with { type: 'json' };
import type { WakeMessage } from '../ports.ts';
import { sendAll } from '../run/send.ts';
import { createBeats } from '../store/beats.ts';
import { createWeb } from '../web/app.ts';
import { listIncidents } from '../web/incidents.ts';
import type { TokenState } from '../web/ports.ts';
import { isReadToken, judgeToken, PAGE_LINK } from './links.ts';
import type { Started } from './start.ts';

/** A link works for so many incidents; the status page leads to older ones. */
const RECENT = 100;

/**
 * What the function's URL serves: the web part without what only a local run has. Of the switches it says what the ledger says:
 * a page that anybody can load must not use up the account's five requests a second to Route 53.
 */
export function createWebFunction({ cell, clock, log, store, history, table, arbiters, environment, ...started }: Started) {
  const { secretVersions } = started;
  const { linkKey, beatKey } = environment;
  const message: WakeMessage = { kind: 'wake', from: 'web' };

  /** One arbiter that hears of it is enough. Throws when none does. */
  async function wake(): Promise<void> {
    const sent = await Promise.allSettled(arbiters.map((queue) => sendAll(queue, [{ body: message, delayMs: 0 }])));
    const errors = sent.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    if (errors.length === sent.length) throw errors[0];
  }

  async function checkToken(incident: string, token: string | undefined): Promise<TokenState> {
    if (linkKey === undefined) return 'wrong';
    return judgeToken(await secretVersions(linkKey), { cell: cell.name, incident, token, now: clock.now() });
  }

  async function mayRead(token: string | undefined): Promise<boolean> {
    if (linkKey === undefined) return false;
    return isReadToken(await secretVersions(linkKey), cell.name, token);
  }

  /** The incident that this token is, or was, of, among those that are open and the last ones. */
  async function incidentOf(token: string): Promise<string | undefined> {
    const incidents = await listIncidents({ store }, RECENT);
    for (const { id } of incidents) if ((await checkToken(id, token)) !== 'wrong') return id;
    return undefined;
  }

  const beats = beatKey === undefined ? undefined : { ...createBeats(table), secrets: () => secretVersions(beatKey) };
  const { version } = packageJson;
  const app = createWeb({
    cell,
    store,
    history,
    clock,
    version,
    wake,
    checkToken,
    ...(!cell.publicPage && { mayRead }),
    emit: log.emit,
    ...(beats && { beats }),
  });
  app.get(PAGE_LINK, async (c) => {
    const { token } = c.req.param();
    const incident = await incidentOf(token);
    if (incident === undefined) return c.notFound();
    return c.redirect(`/incidents/${encodeURIComponent(incident)}?token=${encodeURIComponent(token)}`);
  });
  return handle(app);
}
