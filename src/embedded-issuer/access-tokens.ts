import { createLocalJWKSet, type JWK, type JWTPayload, jwtVerify } from 'jose';
import type { AdapterPayload } from 'oidc-provider';
import type { Clock } from '../std/clock.ts';
import type { Secret } from '../std/secret.ts';
import type { ClientStore } from './client-store.ts';
import type { RevokedTokens } from './revoked-tokens.ts';
import { publicJWK, signingAlgorithm } from './signing-keys.ts';

export interface AccessTokensOptions {
  readonly issuer: string;
  readonly signingKeys: Secret<readonly JWK[]>;
  readonly clients: ClientStore;
  readonly revoked: RevokedTokens;
  readonly clock: Clock;
}

/*
 * oidc-provider can introspect and revoke only tokens that it finds in its storage, and refuses anything that looks like a JWT.
 * Our tokens need no storage: they carry what introspection answers, and only what was revoked is remembered. So a JWT is
 * handed to oidc-provider as a `token` that does not look like one, and what it takes for its storage is this verifier.
 */
const mark = '~';

/** The form in which a JWT reaches the storage of oidc-provider. */
export const asStoredToken = (jwt: string): string => `${mark}${jwt}`;

/** The access tokens of this issuer, as if they were stored. */
export class AccessTokens {
  readonly #options: AccessTokensOptions;
  readonly #keys: ReturnType<typeof createLocalJWKSet>;

  constructor(options: AccessTokensOptions) {
    this.#options = options;
    this.#keys = createLocalJWKSet({ keys: options.signingKeys.reveal().map(publicJWK) });
  }

  /** What is in a token that this issuer signed, that has not expired, was not revoked, and whose client still exists. */
  async find(id: string): Promise<AdapterPayload | undefined> {
    if (!id.startsWith(mark)) return undefined;
    const claims = await this.#verify(id.slice(mark.length));
    if (claims === undefined || !this.#isActive(claims)) return undefined;
    const { jti, iat, exp, aud, client_id, scope, cnf, iss: _, sub: __, ...extra } = claims;
    const { jkt, 'x5t#S256': x5t } = (cnf ?? {}) as Readonly<Record<string, string>>;
    return {
      kind: 'ClientCredentials',
      jti,
      iat,
      exp,
      aud,
      clientId: String(client_id),
      ...(typeof scope === 'string' ? { scope } : {}),
      ...(jkt === undefined ? {} : { jkt }),
      ...(x5t === undefined ? {} : { 'x5t#S256': x5t }),
      extra: { ...extra, sub: client_id },
    };
  }

  /** Revokes one token. */
  revoke(jti: string): void {
    this.#options.revoked.add(jti);
  }

  async #verify(jwt: string): Promise<JWTPayload | undefined> {
    try {
      const { payload } = await jwtVerify(jwt, this.#keys, {
        issuer: this.#options.issuer,
        typ: 'at+jwt',
        algorithms: [signingAlgorithm],
        requiredClaims: ['jti', 'iat', 'exp', 'client_id'],
        currentDate: new Date(this.#options.clock.now()),
      });
      return payload;
    } catch {
      return undefined;
    }
  }

  #isActive(claims: JWTPayload): boolean {
    const revokedAt = this.#options.clients.tokensRevokedAt(String(claims['client_id']));
    if (revokedAt === undefined || this.#options.revoked.has(String(claims.jti))) return false;
    return Number(claims.iat) > revokedAt;
  }
}
