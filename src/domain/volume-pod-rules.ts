import { hours } from '../std/duration.ts';
import { durationIn } from './grant-status.ts';
import { unmetByVolume } from './volume-needs.ts';
import { grantOf, named, pending, refused, type VolumeRule, withdrawn } from './volume-rule.ts';

export const podHasTheServiceAccount: VolumeRule = (facts) => {
  const name = grantOf(facts)?.serviceAccount.name;
  const { serviceAccountName } = facts.pod;
  return name === undefined || name === serviceAccountName
    ? undefined
    : withdrawn(
        'ServiceAccountMismatch',
        `${named(facts)} is for ServiceAccount ${name}, and the pod runs as ${serviceAccountName}`,
      );
};

/** The kubelet says whose pod it is, and so does the token that it brings. */
export const proofIsOfThePod: VolumeRule = ({ proof, pod }) =>
  proof.kind !== 'given' ||
  (proof.namespace === pod.namespace &&
    proof.podUID === pod.uid &&
    proof.serviceAccountName === pod.serviceAccountName)
    ? undefined
    : withdrawn('PodTokenRefused', 'the ServiceAccount token that came with the call is of another pod');

/** A ServiceAccount that was deleted and created again is another, whose pods have to be as well. */
export const podHasThatServiceAccount: VolumeRule = (facts) => {
  const account = grantOf(facts)?.serviceAccount;
  const { proof } = facts;
  return account === undefined || proof.kind !== 'given' || proof.serviceAccountUID === account.uid
    ? undefined
    : withdrawn(
        'ServiceAccountMismatch',
        `ServiceAccount ${account.name} was created anew: the pod is of another one than ${named(facts)} is granted to`,
      );
};

/** With nothing but the kubelet's token, and no other than it brings. */
export const nodeCanKeepIt: VolumeRule = (facts) => {
  const { binding, client, issuer, proof } = facts;
  const grant = grantOf(facts);
  if (binding === undefined || client === undefined || issuer === undefined || grant === undefined)
    return undefined;
  const unmet = unmetByVolume({
    client: client.metadata.name,
    method: grant.authentication,
    assertionReuse: proof.kind === 'given' ? issuer.spec.federation.assertionReuse : 'Reusable',
    life: durationIn(grant.maxLifetime),
    rotation: binding.spec.rotation,
    proofLife: proof.kind === 'given' ? proof.life : hours(0),
  });
  return unmet && refused(unmet.reason, unmet.message);
};

/** Each issuer is shown a token for it alone. */
export const proofIsThere: VolumeRule = ({ proof }) => {
  switch (proof.kind) {
    case 'awaited':
      return pending('PodTokenAwaited', 'the kubelet has not brought a ServiceAccount token yet');
    case 'missing':
      return refused(
        'AudienceNotInstalled',
        `no ServiceAccount token for the audience ${proof.audience} came with the call: it is not among the tokenRequests of CSIDriver csi.grantor.dev`,
      );
    case 'unreadable':
      return refused(
        'PodTokenRefused',
        `the ServiceAccount token that came with the call is none: ${proof.detail}`,
      );
    case 'given':
      return undefined;
  }
};

export const proofIsAlive: VolumeRule = ({ proof }, now) =>
  proof.kind === 'given' && proof.expiresAt <= now
    ? pending(
        'PodTokenAwaited',
        'the ServiceAccount token has ended, and the kubelet has not brought another one yet',
      )
    : undefined;

export const proofIsUnspent: VolumeRule = ({ proof, issuer }) =>
  proof.kind === 'given' && proof.spent && issuer?.spec.federation.assertionReuse === 'SingleUse'
    ? pending(
        'PodTokenAwaited',
        'the issuer takes each ServiceAccount token once, and the kubelet has not brought another one yet',
      )
    : undefined;
