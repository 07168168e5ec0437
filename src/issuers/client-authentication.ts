import * as jose from 'jose';
import * as oauth from 'oauth4webapi';
import type { ClientAuthentication, TokenGrant } from '../ports/issuer-driver.ts';
import type { Secret } from '../std/secret.ts';
import { secretMethod } from './capabilities.ts';
import type { Fetch } from './issuer-fetch.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** `aud` of an assertion that a client signs itself. Servers of today differ in whether they want their identifier there. */
export type AssertionAudience = (server: oauth.AuthorizationServer) => string;

/** The issuer identifier alone (rfc7523bis). */
const issuerIdentifier: AssertionAudience = ({ issuer }) => issuer;

/** What a client needs for a request at an endpoint where it logs in, in oauth4webapi's form. */
interface Login {
  readonly client: oauth.Client;
  readonly auth: oauth.ClientAuth;
  readonly fetch: Fetch;
}

/** How a client logs in for one request: with a certificate it does so by the connection, which may have to go to another address. */
export async function loginOf(
  { clientID: client_id, authentication }: Pick<TokenGrant, 'clientID' | 'authentication'>,
  server: oauth.AuthorizationServer,
  fetch: Fetch,
  audienceOf: AssertionAudience = issuerIdentifier,
): Promise<Login> {
  const auth = await clientAuth(authentication, server, audienceOf);
  if (authentication.method !== 'MutualTLS') return { client: { client_id }, auth, fetch };
  const { certificate } = authentication;
  return {
    client: { client_id, use_mtls_endpoint_aliases: true },
    auth,
    fetch: (url, init) => fetch(url, { ...init, certificate }),
  };
}

async function clientAuth(
  authentication: ClientAuthentication,
  server: oauth.AuthorizationServer,
  audienceOf: AssertionAudience,
): Promise<oauth.ClientAuth> {
  switch (authentication.method) {
    case 'Federated':
      // Where the ServiceAccount token is the grant, the client itself has nothing to show: it is a public one.
      return authentication.by === 'ClientAssertion'
        ? serviceAccountAssertion(authentication.assertion)
        : oauth.None();
    case 'PrivateKey':
      return signedAssertion(authentication.privateKey, audienceOf(server));
    case 'Secret':
      return secretMethod(server) === 'client_secret_post'
        ? oauth.ClientSecretPost(authentication.clientSecret.reveal())
        : oauth.ClientSecretBasic(authentication.clientSecret.reveal());
    case 'MutualTLS':
      return oauth.TlsClientAuth();
  }
}

/** The workload's own ServiceAccount token as client assertion (RFC 7523 section 2.2). */
function serviceAccountAssertion(assertion: Secret): oauth.ClientAuth {
  return (_server, client, body) => {
    body.set('client_id', client.client_id);
    body.set('client_assertion_type', assertionType);
    body.set('client_assertion', assertion.reveal());
  };
}

/**
 * `private_key_jwt` with ES256: one `aud`, 60 s to live, a `jti` of its own. Without `nbf`,
 * which could only make a server refuse whose clock is behind; untyped, because servers of today may refuse a `typ` they don't know.
 */
async function signedAssertion(
  privateKey: Extract<ClientAuthentication, { method: 'PrivateKey' }>['privateKey'],
  audience: string,
): Promise<oauth.ClientAuth> {
  const jwk = privateKey.reveal();
  const key = await jose.importJWK(jwk, 'ES256');
  if (key instanceof Uint8Array) throw new TypeError('a symmetric key can not sign a client assertion');
  const { kid } = jwk;
  return oauth.PrivateKeyJwt(typeof kid === 'string' ? { key, kid } : key, {
    [oauth.modifyAssertion]: (_header, payload) => {
      delete payload['nbf'];
      payload['aud'] = audience;
    },
  });
}
