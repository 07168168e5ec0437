import type { OAuthClient, TenantStatus } from '../api/oauth-client.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import { formatDuration } from '../std/duration.ts';
import { accessTokenLifetime } from './access-token-lifetime.ts';
import type { ExistingClientFacts } from './client-facts.ts';

/** The TenantScope of a client, where it has one. */
export const tenantOf = ({ tenancy }: ExistingClientFacts): TenantScope | undefined =>
  tenancy.kind === 'tenant' ? tenancy.scope : undefined;

/** Whether a client has rights of a tenant, as far as its status says: they stay while it counts down what may be an accident. */
export const hasRights = ({ status }: Pick<OAuthClient, 'status'>): boolean =>
  status?.tenant !== undefined && status.withdrawal?.revocation === undefined;

/** What the status of a client keeps of its tenant. */
export function tenantStatus(facts: ExistingClientFacts): TenantStatus | undefined {
  const scope = tenantOf(facts);
  if (scope === undefined) return undefined;
  const { tenantID, withdrawalDelay } = scope.spec;
  return {
    name: scope.metadata.name,
    uid: scope.metadata.uid,
    tenantID,
    withdrawalDelay: formatDuration(withdrawalDelay),
    // What is allowed is within the ceiling.
    maxLifetime: formatDuration(accessTokenLifetime(facts.client, scope)),
  };
}
