import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { TokenIssuer } from '../ports/issuer-driver.ts';
import { hydraTokens } from './hydra/token-dialect.ts';
import { createIssuerSession, type DriverOptions } from './issuer-session.ts';
import { keycloakTokens } from './keycloak/token-dialect.ts';
import { tokenOperations } from './token-operations.ts';
import { byResource, type TokenDialect } from './token-request.ts';

/** An issuer for who only needs its tokens, whatever manages the clients there: no login of Grantor's, no administration. */
export function createTokenIssuer(
  driver: OAuthIssuer['spec']['driver'],
  options: DriverOptions,
): TokenIssuer {
  const session = createIssuerSession(options);
  return { ...tokenOperations(session, dialectOf(driver)), close: () => session.close() };
}

function dialectOf({ keycloak, hydra }: OAuthIssuer['spec']['driver']): TokenDialect {
  if (keycloak !== undefined) return keycloakTokens;
  return hydra === undefined ? byResource : hydraTokens;
}
