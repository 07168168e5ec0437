import type { ClientAuthentication } from '../ports/issuer-driver.ts';

/** The grant types of the standards by which a ServiceAccount token is exchanged for an access token. */
export const workloadGrantTypes = {
  JWTBearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  TokenExchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
} as const;

const jwt = 'urn:ietf:params:oauth:token-type:jwt';

/** What a token request asks by: its grant type, and the parameters that come with that. */
interface GrantRequest {
  readonly grantType: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Client credentials (RFC 6749 section 4.4), but where the ServiceAccount token is the grant itself: `assertion` of RFC 7523 section 2.1,
 * `subject_token` of RFC 8693 section 2.1. Then nothing else proves who the client is.
 */
export function grantRequest(proof: ClientAuthentication): GrantRequest {
  if (proof.method !== 'Federated' || proof.by === 'ClientAssertion')
    return { grantType: 'client_credentials', parameters: {} };
  const token = proof.assertion.reveal();
  return {
    grantType: workloadGrantTypes[proof.by],
    parameters:
      proof.by === 'JWTBearer' ? { assertion: token } : { subject_token: token, subject_token_type: jwt },
  };
}
