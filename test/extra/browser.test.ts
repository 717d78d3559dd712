import { existsSync, readFileSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { roundTimes } from '../../lib/core/history.ts';
import { systemClock } from '../../lib/local/clock.ts';
import { createMemoryHistory } from '../store/memory-history.ts';
import { createWorld, openIncident, serve, startTable, type Table, type World } from '../web/world.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const CONTRASTS = readFileSync(new URL('./contrast.js', import.meta.url), 'utf8');

let table: Table;
let browser: Browser;
let world: World;
let history: ReturnType<typeof createMemoryHistory>;
let server: Awaited<ReturnType<typeof serve>>;
let pages: Page[];
/** What the browser complained about: errors of scripts, refused styles, broken policies. */
let complaints: string[];

beforeAll(async () => {
  if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM}: is not there (apt-get install chromium, or set CHROMIUM)`);
  table = await startTable();
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
});
afterAll(async () => {
  await browser?.close();
  await table?.close();
});
beforeEach(async () => {
  history = createMemoryHistory();
  world = createWorld(table, systemClock, { history });
  server = await serve(world.web);
  pages = [];
  complaints = [];
  await world.castAll();
  await world.commit();
});
afterEach(async () => {
  for (const page of pages) await page.context().close();
  await server.close();
  expect(complaints).toEqual([]);
});

async function open(path = '/', options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  pages.push(page);
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(server.url + path);
  return page;
}

const headline = (page: Page) => page.getByRole('heading', { level: 1 });
const shows = (page: Page, text: string) => expect.poll(() => headline(page).textContent(), { timeout: 5_000 }).toBe(text);

/** Presses Tab until the element with this accessible name has the focus: what a keyboard can reach, and nothing else. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate<string>(
      `((at) => (at.closest('select')?.closest('label') ?? at).textContent.replace(/\\s+/g, ' ').trim())(document.activeElement)`,
    );
    if (name.test(focused)) return;
  }
  throw new Error(`Tab never reached ${name}`);
}

describe('the live page', () => {
  it('shows nodes × vantages', async () => {
    const page = await open();
    await shows(page, 'All 2 nodes are up.');
    const grid = page.getByRole('table');
    expect(await grid.getByRole('columnheader').count()).toBe(2 + world.cell.vantages.length);
    expect(await grid.getByRole('rowheader').allTextContents()).toEqual([
      expect.stringContaining('eu1'),
      expect.stringContaining('us1'),
    ]);
    expect(await grid.locator('td.vote.is-up').count()).toBe(6);
  });

  it('changes without a reload when a vote changes, and keeps focus and what was typed', async () => {
    await world.commit({ incidents: { 'born1-2': openIncident('born1-2', 'us1', Date.now()) } });
    const page = await open();
    await page.evaluate('window.isSamePage = true');
    const name = page.getByLabel('Your name');
    await name.pressSequentially('an');
    await world.cast('us-east-2', { 'eu1/api': ['down', 'status', '<img src=x onerror=alert(1)>'] });
    await shows(page, 'eu1 is out of reach for some vantages.');
    await name.press('a');
    expect(await name.inputValue()).toBe('ana');
    expect(await page.evaluate('window.isSamePage')).toBe(true);
    expect(await page.title()).toContain('eu1 is out of reach');
  });

  it('opens the checks of a node with Enter, and keeps them open', async () => {
    await world.cast('us-east-2', { 'eu1/api': ['down', 'status', '<img src=x onerror=alert(1)>'] });
    const page = await open();
    await tabTo(page, /^eu1, 2 checks/);
    await page.keyboard.press('Enter');
    const detail = page.getByText('<img src=x onerror=alert(1)>');
    await detail.waitFor();
    await world.cast('eu-west-1', { 'eu1/api': ['down', 'status', 'now a second'] });
    await page.getByText('now a second').waitFor();
    expect(await detail.isVisible()).toBe(true);
    expect(await page.evaluate('document.activeElement?.id')).toBe('node-eu1-button');
    await page.keyboard.press('Enter');
    await detail.waitFor({ state: 'detached' });
  });

  it('takes an incident', async () => {
    await world.commit({ incidents: { 'born1-2': openIncident('born1-2', 'eu1', Date.now()) } });
    const page = await open();
    await page.getByLabel('Your name').fill('ana');
    await page.keyboard.press('Enter');
    await page.getByText('Taken by ana').waitFor();
    expect(await world.store.readActs()).toMatchObject({ acts: [{ by: 'ana' }] });
  });

  it('says when it lost its connection, and finds it again', async () => {
    const page = await open();
    await page.locator('#link[data-state=live]').waitFor();
    const { port } = new URL(server.url);
    await server.close();
    await page.getByText('Connection lost, trying again').first().waitFor();
    expect(await page.getByRole('alert').first().textContent()).toMatch(/What you see is how things stood at \d\d:\d\d:\d\dZ\./);
    server = await serve(world.web, Number(port));
    await world.cast('us-east-2', { 'eu1/api': ['down', 'status'] });
    await page.locator('#link[data-state=live]').waitFor();
    await shows(page, 'eu1 is out of reach for some vantages.');
    // That the connection was refused meanwhile is what this is about.
    complaints = complaints.filter(
      (text) => !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/.test(text),
    );
  });

  it('works without its script', async () => {
    await world.commit({ incidents: { 'born1-2': openIncident('born1-2', 'eu1', Date.now()) } });
    const page = await open('/', { javaScriptEnabled: false });
    await page.getByRole('button', { name: 'us1' }).click();
    await page.getByText('Every expectation was met.').first().waitFor();
    await page.getByLabel('Your name').fill('ana');
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('Taken by ana').waitFor();
  });
});

it('takes an incident by the link of a page, and gives it back, by keyboard alone', async () => {
  await world.commit({ incidents: { 'born1-2': openIncident('born1-2', 'eu1', Date.now()) } });
  const page = await open('/incidents/born1-2?token=good');
  expect(await world.store.readActs()).toBe('missing');
  const tabToField = async (label: string) => {
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate<boolean>(`document.activeElement?.labels?.[0]?.textContent === ${JSON.stringify(label)}`)) return;
    }
    throw new Error(`Tab never reached ${label}`);
  };
  await tabToField('Your name');
  await page.keyboard.type('ana');
  await tabTo(page, /^Acknowledge the incident of eu1/);
  await page.keyboard.press('Enter');
  await page.getByText('Taken by ana').waitFor();
  expect(await world.store.readActs()).toMatchObject({ acts: [{ kind: 'acknowledge', by: 'ana' }] });
  // The form is gone: the focus stays beside it.
  await expect.poll(() => page.evaluate('document.activeElement?.id')).toBe('take-title');

  await tabToField('Your name');
  await page.keyboard.type('ana');
  await tabTo(page, /^Give it back/);
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Acknowledge' }).waitFor();
  expect(await world.store.readActs()).toMatchObject({ acts: [{}, { kind: 'unacknowledge', by: 'ana' }] });
});

it('breaks things and ends that by keyboard alone', async () => {
  const page = await open();
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement?.className')).toBe('skip');
  await tabTo(page, /^for every vantage/);
  await page.keyboard.press('ArrowDown');
  await tabTo(page, /^Break it that path/);
  await page.keyboard.press('Enter');
  const ending = page.getByRole('button', { name: 'End every node is out of reach for eu-west-1' });
  await ending.waitFor();
  expect(world.faults.list()).toEqual([{ vantage: 'eu-west-1', node: '*', effect: 'unreachable' }]);
  expect(await page.evaluate('document.activeElement?.textContent')).toContain('Break it');

  await tabTo(page, /^Take the table away/);
  await page.keyboard.press('Space');
  await page.getByText('the voting table is away').first().waitFor();
  await tabTo(page, /^End every node/);
  await page.keyboard.press('Enter');
  await ending.waitFor({ state: 'detached' });
  expect(world.faults.list()).toEqual([{ effect: 'table-down' }]);
  // The button is gone: the focus stays in the panel.
  await expect.poll(() => page.evaluate('document.activeElement?.id')).toBe('faults-title');
});

describe('how it looks', () => {
  /** Half an hour of looks at everything, from everywhere. */
  const remember = async () => {
    for (const vantage of world.cell.vantages) {
      for (let minutes = 1; minutes <= 30; minutes++) {
        const looks = world.cell.checks.map(({ key }, at) => [key, { tookMs: 40 + minutes * at * 30 }] as const);
        const seen = new Map(looks.map(([key, look]) => [key, { ...look, vote: 'up', reason: 'ok', observedAt: 0 } as const]));
        await history.write(roundTimes(world.cell, vantage, Date.now() - minutes * 60_000, seen));
      }
    }
  };

  it('draws how long looks took, for eyes and for ears', async () => {
    await remember();
    const page = await open('/?open=us1');
    const drawings = page.getByRole('img', { name: /^Between \d/ });
    await drawings.first().waitFor();
    const box = await drawings.first().boundingBox();
    expect([(box?.width ?? 0) > 80, (box?.height ?? 0) > 15]).toEqual([true, true]);
    await page
      .getByText(/p50 .* of 30 looks/)
      .first()
      .waitFor();
  });

  const everything = async () => {
    await remember();
    await world.castAll({ 'eu1/api': ['down', 'status', 'x'.repeat(300)], 'us1/p2p': ['degraded', 'slow'] });
    await world.cast('us-east-2', { 'eu1/api': ['abstain', 'canaries'], 'us1/api': ['down', 'answer-timeout'] });
    await world.commit({
      checks: { 'eu1/api': { state: 'down', at: Date.now() } },
      incidents: { 'born1-2': openIncident('born1-2', 'eu1', Date.now()) },
    });
    world.switches[0] = { record: 'api', node: 'eu1', inService: false, version: 2 };
    world.inbox.push({
      at: Date.now(),
      incident: 'born1-2',
      state: 'down',
      tier: 1,
      attempt: 1,
      subject: 'eu1 DOWN',
      text: 'x'.repeat(160),
    });
    world.events.emit({ event: 'transition', node: 'eu1', check: 'api', from: 'up', to: 'down', epoch: 2 });
    world.faults.replace([{ vantage: '*', node: 'eu1', effect: 'garbage' }, { effect: 'sns-down' }]);
  };

  it.each([320, 375])('fits a screen of %i px: only the grid scrolls sideways', async (width) => {
    await everything();
    for (const path of ['/?open=eu1', '/incidents/born1-2']) {
      const page = await open(path, { viewport: { width, height: 700 }, hasTouch: true, isMobile: true });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
    const scrolls = await pages[0]?.locator('.scroll').evaluate((box) => box.scrollWidth > box.clientWidth);
    expect(scrolls).toBe(true);
  });

  it.each(['light', 'dark'] as const)('has a contrast of at least 4.5:1 in %s', async (colorScheme) => {
    await everything();
    for (const path of ['/?open=eu1%20us1', '/incidents/born1-2']) {
      const page = await open(path, { colorScheme, reducedMotion: 'reduce' });
      const { texts, faint } = await page.evaluate<{ texts: number; faint: string[] }>(CONTRASTS);
      expect(texts).toBeGreaterThan(20);
      expect(faint).toEqual([]);
    }
    const paper = await pages[0]?.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(paper).toBe(colorScheme === 'light' ? 'rgb(245, 245, 241)' : 'rgb(19, 23, 22)');
  });

  it('moves nothing for people who asked for that', async () => {
    const page = await open('/', { reducedMotion: 'reduce' });
    await page.locator('#link[data-state=live]').waitFor();
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
  });
});
