import type { PodProofFact } from '../domain/volume-facts.ts';
import type { Result } from '../std/result.ts';
import type { Secret } from '../std/secret.ts';
import { type PodClaims, readPodToken } from './pod-token.ts';
import type { PodToken } from './volumes.ts';

interface Kept extends PodToken {
  readonly claims: Result<PodClaims, string>;
  /** `out`: an issuer that takes each only once is being shown it. `spent`: it was. */
  use: 'fresh' | 'out' | 'spent';
}

/**
 * The ServiceAccount tokens that the kubelet brought, the latest of each pod and audience, in memory alone. The kubelet gives all volumes of
 * a pod the same, so what an issuer takes only once is counted for the pod.
 */
export class PodTokens {
  readonly #pods = new Map<string, Map<string, Kept>>();

  /** What came with a call takes the place of all that came before; one that is known stays as it is. */
  take(podUID: string, tokens: ReadonlyMap<string, PodToken>): void {
    const before = this.#pods.get(podUID);
    const kept = new Map<string, Kept>();
    for (const [audience, { token, expiresAt }] of tokens) {
      const known = before?.get(audience);
      const isKnown = known?.token.equals(token) === true;
      kept.set(
        audience,
        isKnown ? known : { token, expiresAt, claims: readPodToken(token, audience), use: 'fresh' },
      );
    }
    this.#pods.set(podUID, kept);
  }

  forget(podUID: string): void {
    this.#pods.delete(podUID);
  }

  /** What there is to show to an issuer of this audience. */
  proof(podUID: string, audience: string): PodProofFact {
    const kept = this.#pods.get(podUID)?.get(audience);
    if (!this.#pods.has(podUID)) return { kind: 'awaited' };
    if (kept === undefined) return { kind: 'missing', audience };
    const { claims, expiresAt, use } = kept;
    if (!claims.ok) return { kind: 'unreadable', detail: claims.error };
    return { kind: 'given', ...claims.value, expiresAt, spent: use !== 'fresh' };
  }

  /** Lends the token to show it. One for single use has to be given back, and is lent to nobody else until then. */
  lend(podUID: string, audience: string, singleUse: boolean): Loan | undefined {
    const kept = this.#pods.get(podUID)?.get(audience);
    if (kept === undefined || !kept.claims.ok || (singleUse && kept.use !== 'fresh')) return undefined;
    if (singleUse) kept.use = 'out';
    return {
      token: kept.token,
      giveBack(wasSeen) {
        if (singleUse) kept.use = wasSeen ? 'spent' : 'fresh';
      },
    };
  }
}

export interface Loan {
  readonly token: Secret;
  /** Whether the issuer has seen it. */
  giveBack(wasSeen: boolean): void;
}
