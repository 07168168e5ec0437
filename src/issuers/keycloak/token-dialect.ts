import type { TokenDialect } from '../token-request.ts';
import { audienceScope } from './scope-names.ts';

/** Keycloak ignores `resource`: an audience is asked for by the client scope that brings it. */
export const keycloakTokens: TokenDialect = {
  parameters: ({ scopes, audience }) => ({ scope: [...scopes, audienceScope(audience)].join(' ') }),
};
