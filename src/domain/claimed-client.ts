import type { OAuthClient } from '../api/oauth-client.ts';

/** The client that an OAuthClient says it is, though somebody else registered it: as it is at a static issuer, or to be taken over. */
export function claimedClient({
  spec: { clientID, adopt },
}: Pick<OAuthClient, 'spec'>): { readonly clientID: string; readonly field: string } | undefined {
  if (adopt !== undefined) return { clientID: adopt.clientID, field: 'spec.adopt.clientID' };
  return clientID === undefined ? undefined : { clientID, field: 'spec.clientID' };
}
