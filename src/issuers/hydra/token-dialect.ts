import type { TokenDialect } from '../token-request.ts';

/** Hydra has its own name for what a token is for, older than RFC 8707, and compares `aud` of a client assertion with the URL of its token endpoint. */
export const hydraTokens: TokenDialect = {
  parameters: ({ scopes, audience }) => ({
    audience,
    ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}),
  }),
  assertionAudience: ({ token_endpoint: url, issuer }) => url ?? issuer,
};
