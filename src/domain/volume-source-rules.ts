import { formatDuration, hours } from '../std/duration.ts';
import { between } from '../std/instant.ts';
import type { VolumeFacts } from './volume-facts.ts';
import { grantOf, named, pending, type VolumeRule, withdrawn } from './volume-rule.ts';

/** A grant is used no longer than this after the API server was last heard of: nobody would tell that it was withdrawn. */
const maxStaleness = hours(1);

/** Whether an object is the one that a grant was derived from, as it was then. */
const isAsGranted = (
  object: { readonly metadata: { readonly uid: string; readonly generation: number } } | undefined,
  source: { readonly uid: string; readonly generation: number },
): boolean => object?.metadata.uid === source.uid && object.metadata.generation === source.generation;

export const clientIsAsGranted: VolumeRule = (facts) => {
  const source = grantOf(facts)?.derivedFrom.client;
  return source === undefined || isAsGranted(facts.client, source)
    ? undefined
    : pending('ClientNotReady', notSince(facts, `OAuthClient ${facts.binding?.spec.clientRef.name}`));
};

/** An issuer that is being deleted is another version of itself: while that may be taken back, it is only not to be another one. */
export const issuerIsAsGranted: VolumeRule = (facts) => {
  const source = grantOf(facts)?.derivedFrom.issuer;
  const { issuer } = facts;
  const holds =
    source === undefined ||
    isAsGranted(issuer, source) ||
    (isCountingDown(facts) && issuer?.metadata.uid === source.uid);
  return holds ? undefined : pending('IssuerNotReady', notSince(facts, 'the OAuthIssuer'));
};

/** What may have happened to a TenantScope by accident takes nothing away while it may be taken back. */
export const tenantScopeIsAsGranted: VolumeRule = (facts) => {
  const source = grantOf(facts)?.derivedFrom.tenantScope;
  return source === undefined || isAsGranted(facts.scope, source) || isCountingDown(facts)
    ? undefined
    : pending('Pending', notSince(facts, 'the TenantScope'));
};

const isCountingDown = ({ binding }: VolumeFacts): boolean => binding?.status?.withdrawal !== undefined;

const notSince = (facts: VolumeFacts, what: string): string =>
  `${what} is not as it was when ${named(facts)} was granted, and nothing has been decided since`;

export const mayBeMounted: VolumeRule = (facts) =>
  grantOf(facts)?.deliveries.includes('Volume') !== false
    ? undefined
    : withdrawn('DeliveryNotAllowed', `the TenantScope does not allow ${named(facts)} to be mounted`);

export const viewIsLive: VolumeRule = ({ heardAt }, now) =>
  // A clock that was set back shows no age.
  Math.abs(between(heardAt, now)) <= maxStaleness
    ? undefined
    : pending('VolumeViewStale', `the API server has not been heard of for ${formatDuration(maxStaleness)}`);
