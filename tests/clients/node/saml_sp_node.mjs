// A SAML service provider, as npm `@node-saml/node-saml` makes one: what Doorward lets people into. See ../README.md.

import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { SAML, ValidateInResponseTo, generateServiceProviderMetadata } from '@node-saml/node-saml';
import { DOMParser } from '@xmldom/xmldom';

// Whoever started this reads its first line alone.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const options = {
  signed: { type: 'boolean' }, encrypted: { type: 'boolean' }, post: { type: 'boolean' }, unsolicited: { type: 'boolean' },
};
const { values: asked } = parseArgs({ options });
const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';

// Node makes keys, but no certificates.
function newPair() {
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=node-saml', '-keyout', '-', '-out', '-'];
  const pem = execFileSync('openssl', made, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const block = (label) => pem.slice(pem.indexOf(`-----BEGIN ${label}-----`)).split(/(?<=-----END [A-Z ]+-----)/)[0];
  return { key: block('PRIVATE KEY'), certificate: block('CERTIFICATE') };
}

let provider;
let session;

const server = createServer(async (request, answer) => {
  const url = new URL(request.url, base);
  try {
    const [, path] = url.pathname.split('/');
    const rooms = { configure, login, acs, logout, slo };
    if (!rooms[path]) return answer.writeHead(404).end();
    await rooms[path]({ url, body: await text(request), answer });
  } catch (error) {
    show(answer, 403, { error: error.message });
  }
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const base = `http://127.0.0.1:${server.address().port}`;
const [entityId, acsUrl, sloUrl] = [`${base}/metadata`, `${base}/acs`, `${base}/slo`];
const [signing, encryption] = [asked.signed && newPair(), asked.encrypted && newPair()];
const settings = {
  issuer: entityId,
  callbackUrl: acsUrl,
  logoutCallbackUrl: sloUrl,
  identifierFormat: null,
  // One of the two will do.
  wantAssertionsSigned: false,
  wantAuthnResponseSigned: false,
  ...(signing && { privateKey: signing.key, signatureAlgorithm: 'sha256', digestAlgorithm: 'sha256' }),
  ...(encryption && { decryptionPvk: encryption.key }),
  validateInResponseTo: asked.unsolicited ? ValidateInResponseTo.ifPresent : ValidateInResponseTo.always,
};
const metadata = generateServiceProviderMetadata({
  ...settings,
  publicCerts: signing && signing.certificate,
  decryptionCert: encryption && encryption.certificate,
})
  // The library reads a logout by Redirect, but has no word for it here.
  .replace(`Binding="${POST}" Location="${sloUrl}"`, `Binding="${REDIRECT}" Location="${sloUrl}"`);
const told = { url: base, entity_id: entityId, acs: acsUrl, slo: sloUrl, metadata };
console.log(`ready ${JSON.stringify(told)}`);

function configure({ body, answer }) {
  const document = new DOMParser().parseFromString(body, 'text/xml');
  const all = (name, within = document) => Array.from(within.getElementsByTagNameNS('*', name));
  const [role] = Array.from(document.getElementsByTagNameNS(METADATA, 'IDPSSODescriptor'));
  const place = (name, binding) => all(name, role).find((found) => found.getAttribute('Binding') === binding)?.getAttribute('Location');
  const keys = all('KeyDescriptor', role).filter((key) => key.getAttribute('use') !== 'encryption');
  provider = {
    ...settings,
    idpIssuer: document.documentElement.getAttribute('entityID'),
    idpCert: keys.flatMap((key) => all('X509Certificate', key)).map((found) => found.textContent.replace(/\s/g, '')),
    entryPoint: place('SingleSignOnService', asked.post ? POST : REDIRECT),
    logoutUrl: place('SingleLogoutService', REDIRECT),
    // Whose memory all that are made of these settings share.
    cacheProvider: new SAML({ ...settings, idpCert: 'MAo=' }).cacheProvider,
  };
  answer.writeHead(204).end();
}

async function login({ url, answer }) {
  const saml = new SAML({
    ...provider,
    forceAuthn: url.searchParams.get('force_authn') === '1',
    passive: url.searchParams.get('passive') === '1',
    // A form takes its request as it is (SAML bindings §3.5.4).
    skipRequestCompression: Boolean(asked.post),
  });
  const relayState = url.searchParams.get('relay_state') ?? '';
  if (!asked.post) return leave(answer, await saml.getAuthorizeUrlAsync(relayState));
  page(answer, 200, await saml.getAuthorizeFormAsync(relayState));
}

async function acs({ body, answer }) {
  const form = Object.fromEntries(new URLSearchParams(body));
  const { profile } = await new SAML(provider).validatePostResponseAsync(form);
  if (!profile) throw new Error('NoPassive');
  const attributes = Object.entries(profile.attributes ?? {}).map(([name, value]) => [name, [value].flat()]);
  session = profile;
  show(answer, 200, {
    name_id: profile.nameID,
    name_id_format: profile.nameIDFormat ?? null,
    session_index: profile.sessionIndex ?? null,
    attributes: Object.fromEntries(attributes),
    relay_state: form.RelayState ?? null,
    in_response_to: profile.inResponseTo ?? null,
  });
}

async function logout({ answer }) {
  if (!session) throw new Error('nobody is signed in');
  leave(answer, await new SAML(provider).getLogoutUrlAsync(session, '', {}));
}

async function slo({ url, answer }) {
  const saml = new SAML(provider);
  const query = Object.fromEntries(url.searchParams);
  // The library looks at a signature only if there is one.
  if (!query.Signature) throw new Error('not signed');
  const { profile, loggedOut } = await saml.validateRedirectAsync(query, url.search.slice(1));
  if (query.SAMLResponse) {
    session = undefined;
    return show(answer, 200, { logged_out: loggedOut });
  }
  const known = session?.nameID === profile.nameID;
  if (known) session = undefined;
  leave(answer, await saml.getLogoutResponseUrlAsync(profile, query.RelayState ?? '', {}, known));
}

const escaped = (words) => words.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

function show(answer, status, result) {
  const heading = status === 200 ? 'A service provider' : 'Refused';
  page(answer, status, `<!DOCTYPE html><title>node-saml</title><h1>${heading}</h1><pre id="result">${escaped(JSON.stringify(result))}</pre>`);
}

function page(answer, status, html) {
  answer.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(html);
}

function leave(answer, location) {
  answer.writeHead(302, { location }).end();
}

for await (const _ of process.stdin);
process.exit(0);
