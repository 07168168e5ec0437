import type { GrantStatus } from '../api/grant-field.ts';
import type { OAuthClient } from '../api/oauth-client.ts';
import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import type { WorkloadIdentityBinding } from '../api/workload-identity-binding.ts';
import { sameJson } from '../std/canonical-json.ts';
import { type Duration, formatDuration, milliseconds, parseDuration } from '../std/duration.ts';
import { asGranted, type GrantedFacts } from './as-granted.ts';
import type { Grant } from './grant.ts';
import type { Tenancy } from './tenancy.ts';
import { toleratedAudiences } from './tolerated-audiences.ts';

/** The objects that a grant is derived from, beside the binding itself. */
export interface GrantSources {
  readonly scope: TenantScope;
  readonly client: OAuthClient;
  readonly issuer: OAuthIssuer;
}

/** What the status of a binding says of its grant. It is read by node plug-ins, and by us once the TenantScope is gone. */
export const grantStatus = (grant: Grant, { scope, client, issuer }: GrantSources): GrantStatus => ({
  issuer: grant.issuer,
  clientID: grant.clientID,
  authentication: grant.method,
  scopes: [...grant.scopes],
  audience: grant.audience,
  tenantID: grant.tenantID,
  roles: [...grant.roles],
  requiredClaims: { ...grant.requiredClaims },
  maxLifetime: formatDuration(grant.maxLifetime),
  proofOfPossession: grant.proofOfPossession,
  verification: grant.verification,
  serviceAccount: { name: grant.serviceAccount.name, uid: grant.serviceAccount.uid },
  deliveries: [...scope.spec.deliveries],
  withdrawalDelay: formatDuration(scope.spec.withdrawalDelay),
  derivedFrom: { tenantScope: sourceOf(scope), client: sourceOf(client), issuer: sourceOf(issuer) },
});

interface Source {
  readonly metadata: { readonly name: string; readonly uid: string; readonly generation: number };
}

const sourceOf = ({ metadata: { name, uid, generation } }: Source) => ({ name, uid, generation });

/** What a grant rests on when it is gone back to. */
export interface GrantedBefore extends GrantedFacts {
  readonly binding: WorkloadIdentityBinding;
  readonly client: OAuthClient | undefined;
  readonly issuer: OAuthIssuer | undefined;
  readonly serviceAccountUID: string | undefined;
}

/**
 * The grant that a status tells of, while all that it rests on is as it was, but for the TenantScope: that is what may have gone by
 * accident. Undefined where something else is asked for now, or where an object has been replaced.
 */
export function grantedBefore(facts: GrantedBefore): Grant | undefined {
  const { binding, client, issuer, serviceAccountUID } = facts;
  const granted = binding.status?.grant;
  if (granted === undefined || client === undefined || issuer === undefined) return undefined;
  const { spec, metadata } = binding;
  const { derivedFrom, serviceAccount } = granted;
  const holds =
    derivedFrom.client.uid === client.metadata.uid &&
    derivedFrom.client.generation === client.metadata.generation &&
    derivedFrom.issuer.uid === issuer.metadata.uid &&
    spec.clientRef.name === client.metadata.name &&
    serviceAccount.name === spec.serviceAccountName &&
    serviceAccount.uid === serviceAccountUID &&
    granted.audience === spec.token.audience &&
    String(granted.scopes) === String(spec.token.scopes) &&
    isStillMeant(granted, asGranted(facts).tenancy);
  if (!holds) return undefined;
  return grantIn(granted, issuer, metadata.namespace);
}

/** The grant that a status tells of, as the rules gave it: equal in every part, so that its hash is the same. */
export function grantIn(status: GrantStatus, issuer: OAuthIssuer, namespace: string): Grant {
  const {
    authentication,
    deliveries: _,
    withdrawalDelay: __,
    derivedFrom: ___,
    maxLifetime,
    ...same
  } = status;
  return {
    ...same,
    method: authentication,
    maxLifetime: durationIn(maxLifetime),
    toleratedAudiences: toleratedAudiences(issuer),
    claimPaths: issuer.spec.tokens.claimPaths,
    serviceAccount: { ...status.serviceAccount, namespace },
  };
}

/** Whether the TenantScope, where it is still there, would ask the same of a token. What it refuses is a violation, and told as that. */
const isStillMeant = ({ requiredClaims, verification }: GrantStatus, tenancy: Tenancy): boolean =>
  tenancy.kind !== 'tenant' ||
  (tenancy.scope.spec.tokens.verification === verification &&
    sameJson(tenancy.scope.spec.tokens.requiredClaims, requiredClaims));

/** A duration that we wrote ourselves; what cannot be read is none. */
export const durationIn = (text: string | undefined): Duration => {
  const read = text === undefined ? undefined : parseDuration(text);
  return read?.ok ? read.value : milliseconds(0);
};
