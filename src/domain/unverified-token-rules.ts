import { boundAsAsked, withTheRequiredClaims, withTheseScopes } from './token-power-rules.ts';
import type { TokenRule } from './token-rule.ts';
import { aliveByOurClock, withinTheLifetimeByItsAnswer } from './token-time-rules.ts';

const allowedUnverified: TokenRule = ({ grant }) =>
  grant.verification === 'AllowUnverified'
    ? undefined
    : {
        reason: 'TokenUnverifiable',
        message:
          'the token is opaque and the issuer has no introspection (RFC 7662); tokens.verification of the TenantScope is Required',
        tooPowerful: false,
      };

/**
 * All that can be asked of a token that nobody can look into. A claim that is required, or the key that it
 * is bound to, is missing: it may be there, and cannot be seen.
 */
export const unverifiedTokenRules: readonly TokenRule[] = [
  allowedUnverified,
  withTheseScopes,
  withTheRequiredClaims,
  boundAsAsked,
  withinTheLifetimeByItsAnswer,
  aliveByOurClock,
];
