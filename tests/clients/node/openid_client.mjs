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
async function signIn(configuration, settings, cookies) {
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
  const callback = await walkSignIn(start, settings.redirect_uri, settings, cookies);
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

// What comes after the first token: userinfo, refresh, introspection, a token of the application's own, revocation and sign-out.
async function liveOn(tokens, configuration, settings, cookies) {
  const { sub } = tokens.claims();
  const introspect = (token) => client.tokenIntrospection(configuration, token);
  const refused = (refreshToken) =>
    client.refreshTokenGrant(configuration, refreshToken).then(() => 'accepted', (error) => error.error);
  const life = { userinfo: await client.fetchUserInfo(configuration, tokens.access_token, sub) };

  const refreshed = await client.refreshTokenGrant(configuration, tokens.refresh_token);
  life.refreshed_access_token_claims = await validateAccessToken(refreshed.access_token, configuration, settings);
  life.refreshed_id_token_claims = refreshed.claims();
  life.is_rotated = refreshed.refresh_token !== tokens.refresh_token;
  life.introspection = await introspect(refreshed.access_token);
  life.refresh_token_introspection = await introspect(refreshed.refresh_token);

  const own = await client.clientCredentialsGrant(configuration);
  life.own_access_token_claims = await validateAccessToken(own.access_token, configuration, settings);
  await client.tokenRevocation(configuration, own.access_token);
  life.own_after_revocation = await introspect(own.access_token);

  const another = await signIn(configuration, settings, cookies);
  await client.tokenRevocation(configuration, another.refresh_token, { token_type_hint: 'refresh_token' });
  life.family_after_revocation = await introspect(another.access_token);
  life.refresh_after_revocation = await refused(another.refresh_token);

  const asked = { id_token_hint: tokens.id_token, post_logout_redirect_uri: settings.post_logout_redirect_uri, state: 'good bye' };
  const end = client.buildEndSessionUrl(configuration, asked);
  life.signed_out_at = (await walkSignIn(end, settings.post_logout_redirect_uri, {}, cookies)).href;
  life.after_sign_out = await introspect(refreshed.access_token);
  life.refresh_after_sign_out = await refused(refreshed.refresh_token);
  life.userinfo_after_sign_out = await client
    .fetchUserInfo(configuration, refreshed.access_token, sub)
    .then(() => 200, (error) => error.status ?? error.cause?.status);
  return life;
}

try {
  const settings = JSON.parse(process.argv[2]);
  const configuration = await discover(settings);
  const cookies = new Map();
  const tokens = await signIn(configuration, settings, cookies);
  const result = {
    id_token_claims: tokens.claims(),
    access_token_claims: await validateAccessToken(tokens.access_token, configuration, settings),
    token_response_keys: Object.keys(tokens),
  };
  if (settings.post_logout_redirect_uri) result.life = await liveOn(tokens, configuration, settings, cookies);
  console.log(JSON.stringify(result));
} catch (error) {
  const reasons = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) reasons.push(`${cause.name}: ${cause.message}`);
  const described = error.error ? [`${error.error}: ${error.error_description ?? ''}`] : [];
  console.error([...reasons, ...described].join('\n  because '));
  process.exitCode = 1;
}
