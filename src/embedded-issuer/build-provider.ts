import { randomBytes } from 'node:crypto';
import type { JWK } from 'jose';
import { type AdapterFactory, errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import type { Clock } from '../std/clock.ts';
import type { Rng } from '../std/rng.ts';
import type { Secret } from '../std/secret.ts';
import { adaptClients } from './adapt-clients.ts';
import { afterRevocation } from './after-revocation.ts';
import { clientCertificate } from './client-certificate.ts';
import { type ClientRulesOptions, clientRules, ownClientMetadata } from './client-rules.ts';
import type { StoredClient } from './client-store.ts';
import { assertionAlgorithms, clientAuthMethods, paths, proofAlgorithms } from './endpoints.ts';
import { epochSeconds } from './epoch-seconds.ts';
import { mayIntrospect, mayRevoke } from './introspection-rules.ts';
import { signingAlgorithm } from './signing-keys.ts';
import { accessTokenLifetime, defaultResource, resourceServer, tenantClaims } from './token-rules.ts';
import { type WorkloadOwners, withWorkloadGrants } from './workload-grants.ts';
import { clockTolerance } from './workload-token.ts';

export interface ProviderOptions extends ClientRulesOptions {
  readonly issuer: string;
  readonly login: ClientRulesOptions['login'] & WorkloadOwners;
  readonly initialAccessToken: Secret;
  readonly signingKeys: Secret<readonly JWK[]>;
  readonly adapter: AdapterFactory;
  readonly clock: Clock;
  readonly rng: Rng;
}

const off = { enabled: false } as const;

/** The longest life of a client's own assertion that is accepted, in seconds: its mark is kept that long. */
const longestAssertion = 3600;

/** oidc-provider with everything off that machines do not need: client credentials, registration, introspection, revocation. */
export function buildProvider(options: ProviderOptions): Provider {
  const { issuer, clients, clock, rng } = options;
  const registered = (ctx: KoaContextWithOIDC): StoredClient | undefined => {
    const mark: unknown = ctx.oidc.body?.['software_id'];
    return typeof mark === 'string' ? clients.findBySoftwareID(mark) : undefined;
  };
  const IssuerProvider = withWorkloadGrants(options.login);
  const provider = new IssuerProvider(issuer, {
    adapter: options.adapter,
    jwks: { keys: options.signingKeys.reveal() },
    routes: {
      token: paths.token,
      jwks: paths.jwks,
      registration: paths.registration,
      introspection: paths.introspection,
      revocation: paths.revocation,
    },
    scopes: [],
    responseTypes: [],
    clientAuthMethods: [...clientAuthMethods, 'none'],
    clockTolerance,
    enabledJWA: {
      clientAuthSigningAlgValues: assertionAlgorithms,
      dPoPSigningAlgValues: proofAlgorithms,
      idTokenSigningAlgValues: [signingAlgorithm],
    },
    clientDefaults: {
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: signingAlgorithm,
    },
    extraClientMetadata: { properties: ownClientMetadata, validator: clientRules(options) },
    features: {
      clientCredentials: { enabled: true },
      registration: {
        enabled: true,
        initialAccessToken: options.initialAccessToken.reveal(),
        idFactory: (ctx) => registered(ctx)?.client_id ?? rng.uuid(),
        secretFactory: (ctx) => registered(ctx)?.client_secret ?? randomBytes(32).toString('base64url'),
      },
      // Rotation would lose the registration if the client crashed between the update and storing the new token.
      registrationManagement: { enabled: true, rotateRegistrationAccessToken: false },
      introspection: { enabled: true, allowedPolicy: mayIntrospect },
      revocation: { enabled: true, allowedPolicy: mayRevoke },
      resourceIndicators: {
        enabled: true,
        defaultResource,
        async getResourceServerInfo(ctx, resource, client) {
          await afterRevocation(clients, clock, client);
          return resourceServer(ctx, resource, client);
        },
      },
      claimsParameter: off,
      // Nonces would bound how long a proof can be made ahead; a proof is good once, and its time is looked at.
      dPoP: { enabled: true, requireNonce: () => false },
      mTLS: {
        enabled: true,
        selfSignedTlsClientAuth: true,
        certificateBoundAccessTokens: true,
        getCertificate: clientCertificate,
      },
      devInteractions: off,
      pushedAuthorizationRequests: off,
      rpInitiatedLogout: off,
      userinfo: off,
    },
    ttl: { ClientCredentials: accessTokenLifetime },
    extraTokenClaims: (ctx) => tenantClaims(ctx.oidc.client),
    assertJwtClientAuthClaimsAndHeader: (_ctx, claims) => checkAssertion(claims, issuer, epochSeconds(clock)),
    clientBasedCORS: () => false,
    renderError: (ctx, out) => {
      ctx.type = 'json';
      ctx.body = out;
    },
  });
  adaptClients(provider);
  return provider;
}

/** The audience of a client's own assertion is this issuer alone (draft-ietf-oauth-rfc7523bis), and it does not live long. */
function checkAssertion(claims: Record<string, unknown>, issuer: string, now: number): void {
  const { aud, exp } = claims;
  if ((Array.isArray(aud) && aud.length === 1 ? aud[0] : aud) !== issuer) {
    throw new errors.InvalidClientAuth('aud must be the issuer identifier alone');
  }
  if (Number(exp) > now + longestAssertion + clockTolerance) {
    throw new errors.InvalidClientAuth(`exp must be at most ${longestAssertion} seconds ahead`);
  }
}
