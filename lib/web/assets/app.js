// Keeps the page current: the server draws, this fetches the page again when something happened and moves the differences in.
// Nothing here is needed to use the page.

const STALE_AFTER_MS = 15_000;
const POLL_MS = 10_000;
const SETTLE_MS = 200;

const main = document.querySelector('#main');
const link = document.querySelector('#link');
const updates = document.body.dataset.updates;
let freshAt = Date.now();
let isConnected = true;
let refreshing;
let isWanted = false;

/** Draws the page anew. Calls while that is under way become one more round after it. */
async function refresh() {
  isWanted = true;
  refreshing ??= refreshWhileWanted().finally(() => {
    refreshing = undefined;
  });
  await refreshing;
}

async function refreshWhileWanted() {
  while (isWanted) {
    isWanted = false;
    try {
      const answer = await fetch(location.href, {
        headers: { accept: 'text/html' },
        signal: AbortSignal.timeout(STALE_AFTER_MS),
      });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
      document.title = fresh.title;
      morph(main, fresh.querySelector('#main'));
      freshAt = Date.now();
    } catch {
      // The page then says how old it is.
    }
    showLink();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
}

const keyOf = (node) => node.dataset?.key || node.id || undefined;

/** Makes `old` like `fresh` and keeps what stays the same, and so focus, selection, scroll position and what was typed. */
function morph(old, fresh) {
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);

  const freshKeys = new Set([...fresh.childNodes].map(keyOf));
  for (const child of [...old.childNodes]) if (keyOf(child) && !freshKeys.has(keyOf(child))) child.remove();

  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const kept = keyOf(child) ? [...old.childNodes].find((each) => keyOf(each) === keyOf(child)) : at;
    if (!kept || keyOf(kept) !== keyOf(child) || kept.nodeName !== child.nodeName) {
      old.insertBefore(child, at);
      continue;
    }
    // Moving an element takes its focus away: only what changed its place is moved.
    if (kept !== at) old.insertBefore(kept, at);
    if (kept.nodeType === Node.ELEMENT_NODE) morphElement(kept, child);
    else if (kept.data !== child.data) kept.data = child.data;
    at = kept.nextSibling;
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function morphElement(kept, child) {
  // A message under a form belongs to this visitor, and a list of choices closes when its options are touched.
  if (kept.classList.contains('problem') || (kept.nodeName === 'SELECT' && kept.innerHTML === child.innerHTML)) return;
  morph(kept, child);
}

/** Says whether what is shown is current, and if not, since when. */
function showLink() {
  const isStale = Date.now() - freshAt > STALE_AFTER_MS;
  const state = !isConnected ? 'lost' : isStale ? 'stale' : updates === 'events' ? 'live' : 'poll';
  if (link.dataset.state === state) return;
  link.dataset.state = state;
  const since = new Date(freshAt).toISOString().slice(11, 19);
  const words = { lost: 'Connection lost, trying again', stale: 'Out of date', live: 'Live', poll: 'Refreshed every 10 s' };
  document.querySelector('#link-text').textContent = words[state];
  const bar = document.querySelector('#stale');
  bar.hidden = state === 'live' || state === 'poll';
  bar.textContent = bar.hidden ? '' : `${words[state]}. What you see is how things stood at ${since}Z.`;
}

function listen() {
  const source = new EventSource('/events');
  const heard = () => {
    isConnected = true;
    refresh();
  };
  source.addEventListener('change', heard);
  source.addEventListener('tick', heard);
  source.addEventListener('error', () => {
    isConnected = false;
    showLink();
    // A browser gives up after an answer that is no event stream.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3_000);
  });
}

/** Sends a form in the background; what is wrong is said under it. */
async function send(form, button) {
  const problem = form.querySelector('.problem');
  const body = new URLSearchParams(new FormData(form, button));
  try {
    const answer = await fetch(form.action, { method: 'POST', body, headers: { accept: 'application/json, */*;q=0.1' } });
    const error = answer.ok ? '' : (await answer.json()).error;
    if (problem) problem.textContent = error;
  } catch {
    if (problem) problem.textContent = 'The monitor cannot be reached. Try again.';
  }
  const card = form.closest('section');
  await refresh();
  // The button went with what it ended, and focus with it: the card's title is the nearest place that stays.
  if (document.activeElement === document.body) card?.querySelector('h2')?.focus();
}

document.addEventListener('submit', (event) => {
  const { target: form, submitter } = event;
  event.preventDefault();
  if (form.method === 'post') return send(form, submitter);
  const query = new URLSearchParams(new FormData(form, submitter));
  history.replaceState(null, '', query.get('open') ? `?${query}` : location.pathname);
  refresh();
});

if (updates === 'events') listen();
if (updates === 'poll') setInterval(refresh, POLL_MS);
if (updates !== 'none') setInterval(showLink, 1_000);
showLink();
