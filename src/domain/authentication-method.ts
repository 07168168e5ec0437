import type { OAuthClient } from '../api/oauth-client.ts';
import type { AuthenticationMethod } from './grant.ts';

/** Which member of `spec.authentication` is set; the schema allows exactly one. */
export function authenticationMethod(
  authentication: OAuthClient['spec']['authentication'],
): AuthenticationMethod {
  if (authentication.federated !== undefined) return 'Federated';
  if (authentication.public !== undefined) return 'Public';
  if (authentication.mutualTLS !== undefined) return 'MutualTLS';
  return authentication.privateKey === undefined ? 'Secret' : 'PrivateKey';
}
