import type { Kind } from './kind.ts';
import { oauthClientKind } from './oauth-client.ts';
import { oauthIssuerKind } from './oauth-issuer.ts';
import { tenantScopeKind } from './tenant-scope.ts';
import { workloadIdentityBindingKind } from './workload-identity-binding.ts';

/** All kinds of the API, in the order in which they are explained. */
export const kinds: readonly Kind[] = [
  oauthIssuerKind,
  tenantScopeKind,
  oauthClientKind,
  workloadIdentityBindingKind,
];
