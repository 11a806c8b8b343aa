// Signs in at a Doorward with `openid-client` and validates the tokens as a downstream service would. See ../README.md.

import { setDefaultResultOrder } from 'node:dns';
import { webcrypto } from 'node:crypto';
import { walkSignIn } from './walk_sign_in.mjs';

// Debian 12's Node 18 keeps Web Crypto out of the global scope, and asks for `localhost` over IPv6 alone.
globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;
setDefaultResultOrder('ipv4first');
const client = await import('openid-client');
const { createRemoteJWKSet, jwtVerify } = await import('jose');

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

async function discover(settings) {
  const issuer = new URL(settings.issuer);
  const overPlainLoopback = issuer.protocol === 'http:' && LOOPBACK.includes(issuer.hostname);
  const metadata = {};
  if (settings.id_token_signed_response_alg) metadata.id_token_signed_response_alg = settings.id_token_signed_response_alg;
  const configuration = await client.discovery(issuer, settings.client_id, metadata, authentication(settings), {
    execute: overPlainLoopback ? [client.allowInsecureRequests] : [],
  });
  // Without this the library trusts TLS for the id token's origin and skips its signature (OpenID Connect Core §3.1.3.7, step 6).
  client.enableNonRepudiationChecks(configuration);
  return configuration;
}

function authentication({ client_secret: secret, token_endpoint_auth_method: method }) {
  if (!secret) return client.None();
  return method === 'client_secret_post' ? client.ClientSecretPost(secret) : client.ClientSecretBasic(secret);
}

// The authorization code flow with PKCE; the library compares `iss` and `state` and validates the id token.
async function signIn(configuration, settings) {
  const [verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()];
  const parameters = {
    redirect_uri: settings.redirect_uri,
    scope: settings.scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  };
  for (const name of ['organization', 'resource']) if (settings[name]) parameters[name] = settings[name];
  const start = client.buildAuthorizationUrl(configuration, parameters);
  const callback = await walkSignIn(start, settings.redirect_uri, settings);
  if (!callback.searchParams.has('iss')) throw new Error('the authorization response names no issuer (RFC 9207 §2)');
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  return client.authorizationCodeGrant(configuration, callback, checks, settings.resource ? { resource: settings.resource } : {});
}

// What RFC 9068 §4 asks of a resource server that knows only the issuer's published keys.
async function validateAccessToken(token, configuration, settings) {
  const { issuer, jwks_uri: jwksUri } = configuration.serverMetadata();
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(jwksUri)), {
    issuer,
    audience: settings.resource ?? settings.client_id,
    typ: 'at+jwt',
    algorithms: ['ES256'],
    requiredClaims: ['exp', 'iat', 'sub', 'jti', 'client_id'],
  });
  if (payload.client_id !== settings.client_id) throw new Error(`the access token is ${payload.client_id}'s`);
  return payload;
}

try {
  const settings = JSON.parse(process.argv[2]);
  const configuration = await discover(settings);
  const tokens = await signIn(configuration, settings);
  const result = {
    id_token_claims: tokens.claims(),
    access_token_claims: await validateAccessToken(tokens.access_token, configuration, settings),
    token_response_keys: Object.keys(tokens),
  };
  console.log(JSON.stringify(result));
} catch (error) {
  const reasons = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) reasons.push(`${cause.name}: ${cause.message}`);
  const described = error.error ? [`${error.error}: ${error.error_description ?? ''}`] : [];
  console.error([...reasons, ...described].join('\n  because '));
  process.exitCode = 1;
}
