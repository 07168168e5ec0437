import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { FederationMethod } from './desired-client.ts';

/** How ServiceAccount tokens are shown at an issuer. Where none are, federated clients are refused by a rule, and nothing is ever shown. */
export const federationMethodOf = ({ spec }: OAuthIssuer): FederationMethod =>
  spec.federation.method === 'None' ? 'ClientAssertion' : spec.federation.method;
