import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { WorkloadIdentityBinding } from '../api/workload-identity-binding.ts';
import type { ActionFailure } from '../domain/attempt.ts';
import { federationMethodOf } from '../domain/federation-method.ts';
import { audienceOf } from '../domain/plan-issuer.ts';
import type { VolumeAction } from '../domain/plan-volume.ts';
import type { VolumeFacts } from '../domain/volume-facts.ts';
import { volumeLapse } from '../domain/volume-verdict.ts';
import { type AuditSubject, auditOf } from '../issuance/audit-of.ts';
import { type ObtainedToken, obtainToken } from '../issuance/obtain-token.ts';
import { milliseconds } from '../std/duration.ts';
import { plus } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { NodeEnvironment } from './node-environment.ts';
import type { Loan } from './pod-tokens.ts';
import { auditOfVolume, type Volume } from './volume.ts';
import { volumeFactsOf } from './volume-facts-of.ts';

export type Obtain = Extract<VolumeAction, { readonly kind: 'obtain' }>;

/** A token for a volume, and what it was asked for with. */
export interface VolumeDelivery extends ObtainedToken {
  readonly action: Obtain;
  readonly binding: WorkloadIdentityBinding;
  readonly issuer: OAuthIssuer;
  readonly about: AuditSubject;
  /** Why it may not be delivered any more, by what is known at this moment. */
  readonly lapse: () => string | undefined;
}

/** Asks the issuer for what is granted, by the ServiceAccount token that the kubelet brought for this pod. */
export async function obtainVolumeToken(
  environment: NodeEnvironment,
  volume: Volume,
  action: Obtain,
  { binding, issuer, proof }: VolumeFacts,
  signal: AbortSignal,
): Promise<Result<VolumeDelivery, ActionFailure>> {
  if (binding === undefined || issuer === undefined) return err(proofAwaited);
  const { grant, grantHash } = action;
  const { tokens, clock, rng, node } = environment;
  const { pod } = volume.state;
  // What failed may be a CA bundle that was replaced.
  const driver = await environment.issuers[volume.attempt === undefined ? 'driver' : 'refresh'](issuer);
  if (!driver.ok) return driver;
  const correlationID = rng.uuid();
  const about = { ...auditOf(grant, binding, issuer, { correlationID }), ...auditOfVolume(volume, node) };
  const lapse = (): string | undefined => {
    if (volume.leaving) return 'the pod is gone';
    // The proof has done its part, and counts as shown.
    const now = clock.now();
    const asked = proof.kind === 'given' ? { ...proof, expiresAt: plus(now, milliseconds(1)) } : proof;
    return volumeLapse(grantHash, { ...volumeFactsOf(environment, volume), proof: asked }, now);
  };
  const singleUse = issuer.spec.federation.assertionReuse === 'SingleUse';
  let loan: Loan | undefined;
  const obtained = await obtainToken(environment, {
    ...{ grant, rotation: binding.spec.rotation, issuerName: issuer.metadata.name, driver: driver.value },
    call: { signal, correlationID, tenantID: grant.tenantID },
    about,
    lapse,
    authenticate: async () => {
      const again = tokens.lend(pod.uid, audienceOf(issuer), singleUse);
      if (again === undefined) return err(proofAwaited);
      loan = again;
      return ok({ method: 'Federated', by: federationMethodOf(issuer), assertion: again.token });
    },
    // The next one is another only once the kubelet brings it.
    refused: () => undefined,
  });
  loan?.giveBack(obtained.ok || !mayBeUnseen.has(obtained.error.reason));
  return obtained.ok ? ok({ ...obtained.value, action, binding, issuer, about, lapse }) : obtained;
}

/** Whether an issuer has seen what it was shown is not known then. Showing it again costs one refusal, waiting for another one minutes. */
export const mayBeUnseen: ReadonlySet<string> = new Set(['IssuerUnavailable', 'IssuerThrottled']);

export const proofAwaited: ActionFailure = {
  reason: 'PodTokenAwaited',
  message: 'the kubelet has not brought another ServiceAccount token yet',
  retry: 'soon',
};
