// A company's own OpenID provider, as npm `oidc-provider` makes one: what Doorward sends people to. See ../README.md.
//
// Says `ready PORT` once it listens, then takes one line of JSON with its client, and ends with its standard input.

import { createInterface } from 'node:readline';
import { createServer } from 'node:http';
import { webcrypto } from 'node:crypto';

// Debian 12's Node 18 keeps Web Crypto out of the global scope.
globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;
// Whoever started this reads its first line alone.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
const { Provider } = await import('oidc-provider');

let handle = (_, answer) => answer.writeHead(503).end();
const server = createServer((request, answer) => handle(request, answer));
server.listen(0, '127.0.0.1', () => console.log(`ready ${server.address().port}`));

for await (const line of createInterface({ input: process.stdin })) {
  const { client, person } = JSON.parse(line);
  const provider = new Provider(`http://127.0.0.1:${server.address().port}`, {
    clients: [client],
    cookies: { keys: ['a test needs no better one'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    scopes: ['openid', 'email', 'profile', 'groups'],
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: true } },
    findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, ...person }) }),
  });
  handle = provider.callback();
}
process.exit(0);
