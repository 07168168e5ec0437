import type { Reason } from '../api/reasons.ts';
import { type Duration, formatDuration, milliseconds, minutes, seconds } from '../std/duration.ts';
import type { AuthenticationMethod } from './grant.ts';
import { type RotationPolicy, shortestIntervalOf } from './rotation.ts';

/** What decides whether a token can be kept new in a volume: the node has nothing to log in with but what the kubelet hands it. */
export interface VolumeTerms {
  readonly client: string;
  readonly method: AuthenticationMethod;
  readonly assertionReuse: 'Reusable' | 'SingleUse';
  /** Of the access token. */
  readonly life: Duration;
  readonly rotation: RotationPolicy;
  /** Life of the ServiceAccount tokens that the kubelet hands over: `expirationSeconds` in the CSIDriver. */
  readonly proofLife: Duration;
}

/** The shortest that the API server gives. Who does not know what is installed refuses only what would work with none. */
export const shortestProofLife = minutes(10);

/** The kubelet keeps a ServiceAccount token for 80 % of its life, and looks after a volume every 60 to 90 s. */
const replacedAfter = (proofLife: Duration): Duration =>
  milliseconds(Math.round(proofLife * 0.8) + seconds(90));

/** Why a token cannot be had in a volume, or not be renewed there in time. */
export function unmetByVolume({
  client,
  method,
  assertionReuse,
  life,
  rotation,
  proofLife,
}: VolumeTerms): { readonly reason: Reason; readonly message: string } | undefined {
  if (method !== 'Federated')
    return {
      reason: 'VolumeNeedsFederatedClient',
      message: `nodes hold no credentials, and OAuthClient ${client} logs in with one`,
    };
  const interval = shortestIntervalOf(life, rotation);
  const replaced = replacedAfter(proofLife);
  if (assertionReuse === 'Reusable' || interval > replaced) return undefined;
  return {
    reason: 'VolumeNeedsReusableAssertion',
    message: `the issuer accepts each ServiceAccount token once, a pod gets another one after ${formatDuration(replaced)} at the latest, and a token that lives ${formatDuration(life)} is renewed ${formatDuration(interval)} after it came`,
  };
}
