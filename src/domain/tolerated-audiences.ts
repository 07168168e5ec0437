import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import { audienceOf } from './plan-issuer.ts';

/**
 * What an issuer puts into every token, whoever asks: what the spec says, and at Hydra the audience of the ServiceAccount token that was the
 * grant. That is its own token endpoint, which takes no access tokens.
 */
export function toleratedAudiences(issuer: OAuthIssuer): readonly string[] {
  const { driver, federation, tokens } = issuer.spec;
  const leaks = driver.hydra !== undefined && federation.method === 'JWTBearer';
  return leaks ? [...new Set([...tokens.toleratedAudiences, audienceOf(issuer)])] : tokens.toleratedAudiences;
}
