import type { OAuthClient } from '../api/oauth-client.ts';

/** The Secret in the tenant's namespace that gets the client's credentials; none for one that is federated or public. */
export const credentialsSecretName = ({ spec }: OAuthClient): string | undefined =>
  (spec.authentication.privateKey ?? spec.authentication.secret ?? spec.authentication.mutualTLS)?.secretRef
    .name;
