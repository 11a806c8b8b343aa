// Walks the sign-in pages as a person without JavaScript does: follows redirects, fills the form, presses its first submit button.

const MOST_STEPS = 30;

/**
 * Goes from `start` to `redirectUri` and returns the URL that carries the authorization response.
 * Nothing needs to listen at `redirectUri`: the walk ends where the browser would leave for it. With the cookies of an
 * earlier walk it is the same browser.
 */
export async function walkSignIn(start, redirectUri, { email, password }, cookies = new Map()) {
  const answers = new Map([['email', email], ['password', password]]);
  let request = { url: new URL(start), method: 'GET' };
  for (let step = 0; step < MOST_STEPS; step += 1) {
    if (leadsTo(redirectUri, request.url)) return request.url;
    const response = await send(request, cookies);
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location) {
      request = { url: new URL(location, request.url), method: 'GET' };
      continue;
    }
    request = pressFirstButton(await response.text(), request.url, response.status, answers);
  }
  throw new Error(`no redirect to ${redirectUri} within ${MOST_STEPS} steps; the last page was ${request.url}`);
}

function leadsTo(redirectUri, url) {
  const expected = new URL(redirectUri);
  return url.origin === expected.origin && url.pathname === expected.pathname;
}

async function send({ url, method, body }, cookies) {
  const headers = { accept: 'text/html' };
  // One host, and `Secure` cookies count on loopback as they do in a browser: a plain map is jar enough.
  if (cookies.size > 0) headers.cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const response = await fetch(url, { method, body, headers, redirect: 'manual' });
  // Not `getSetCookie()`: Debian 12's Node 18 has none. A comma inside `Expires` is followed by no `name=`.
  for (const cookie of (response.headers.get('set-cookie') ?? '').split(/,\s*(?=[^;,\s]+=)/)) {
    const [, name, value] = /^([^=;]+)=([^;]*)/.exec(cookie) ?? [];
    if (!name) continue;
    if (/;\s*max-age=0\b/i.test(cookie)) cookies.delete(name.trim());
    else cookies.set(name.trim(), value.trim());
  }
  return response;
}

// Each answer is given once and taken out of `answers`: a page that asks for it again has refused it.
function pressFirstButton(html, pageUrl, status, answers) {
  const form = formsOf(html).find((candidate) => candidate.button);
  if (!form) throw new Error(`${pageUrl} answered ${status} with no form to go on with: ${wordsOf(html)}`);
  const fields = new URLSearchParams();
  for (const input of form.inputs) {
    const type = (input.type ?? 'text').toLowerCase();
    if (['submit', 'button', 'image', 'reset'].includes(type) || !input.name || 'disabled' in input) continue;
    if (['checkbox', 'radio'].includes(type) && !('checked' in input)) continue;
    const asked = ['email', 'password'].includes(type) && !('readonly' in input);
    if (asked && !answers.has(type)) {
      throw new Error(`${pageUrl} answered ${status} and asks for the ${type} again: ${wordsOf(html)}`);
    }
    fields.append(input.name, asked ? answers.get(type) : (input.value ?? (type === 'checkbox' ? 'on' : '')));
    if (asked) answers.delete(type);
  }
  if (form.button.name) fields.append(form.button.name, form.button.value ?? '');
  const url = new URL(form.button.formaction ?? (form.action || pageUrl), pageUrl);
  if ((form.method ?? 'get').toLowerCase() === 'post') return { url, method: 'POST', body: fields };
  url.search = fields;
  return { url, method: 'GET' };
}

// The forms of a page, each with its inputs and its first submit button.
function formsOf(html) {
  const forms = [];
  let form = null;
  const tag = /<!--[\s\S]*?-->|<(script|style|svg)\b[\s\S]*?<\/\1>|<(\/?)(form|input|button)\b((?:"[^"]*"|'[^']*'|[^'">])*)>/gi;
  for (const [, , closing, name, text] of html.matchAll(tag)) {
    if (!name) continue;
    const attributes = attributesOf(text);
    if (name.toLowerCase() === 'form') form = closing ? null : forms[forms.push({ ...attributes, inputs: [], button: null }) - 1];
    else if (form && !closing) {
      const isInput = name.toLowerCase() === 'input';
      if (isInput) form.inputs.push(attributes);
      if ((attributes.type ?? (isInput ? 'text' : 'submit')).toLowerCase() === 'submit') form.button ??= attributes;
    }
  }
  return forms;
}

function attributesOf(text) {
  const attribute = /([^\s=/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;
  return Object.fromEntries(
    [...text.matchAll(attribute)].map(([, name, double, single, bare]) => [name.toLowerCase(), decode(double ?? single ?? bare ?? '')]),
  );
}

const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(text) {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(amp|lt|gt|quot|apos));/gi, (_, hex, decimal, named) =>
    named ? NAMED[named.toLowerCase()] : String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal)),
  );
}

function wordsOf(html) {
  const body = html.replace(/<(script|style|svg|head)\b[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ');
  return decode(body).replace(/\s+/g, ' ').trim().slice(0, 300);
}
