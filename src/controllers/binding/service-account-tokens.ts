import type { ActionFailure } from '../../domain/attempt.ts';
import type { RefusedProof } from '../../domain/refused-proof.ts';
import { fromKube } from '../../issuance/action-failure.ts';
import type { KubeFailure } from '../../kube/kube-failure.ts';
import { type Clock, deadline } from '../../std/clock.ts';
import { type Duration, milliseconds, minutes, seconds } from '../../std/duration.ts';
import { between, type Instant } from '../../std/instant.ts';
import { err, ok, type Result } from '../../std/result.ts';
import type { Secret } from '../../std/secret.ts';

/** A ServiceAccount by name and UID: a recreated one is another. */
export interface ServiceAccountRef {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface ServiceAccountToken {
  readonly token: Secret;
  readonly expiresAt: Instant;
  /** By which key of the cluster it is signed, if it says so. */
  readonly keyID?: string;
}

/** TokenRequest (authentication.k8s.io/v1) for one audience, with the ServiceAccount's UID as precondition. */
export type RequestToken = (
  account: ServiceAccountRef,
  audience: string,
  signal: AbortSignal,
) => Promise<Result<ServiceAccountToken, KubeFailure>>;

/** A token is shared until this long before its end, so that it lives when it arrives, whatever the clocks say. */
const reserve = minutes(2);

const requestTimeout = seconds(10);

/** A token, and the time that passes (`Clock.elapsed`) until its end: the clock may be set back, but it does not live longer for that. */
interface SharedToken extends ServiceAccountToken {
  readonly endsAfter: Duration;
}

const keyOf = ({ namespace, name, uid }: ServiceAccountRef, audience: string): string =>
  `${namespace}/${name}/${uid} ${audience}`;

/**
 * ServiceAccount tokens as client assertions. One token for one audience serves every binding of its ServiceAccount while it lives,
 * where the issuer takes the same assertion twice; requests for the same one are made once.
 */
export class ServiceAccountTokens {
  readonly #request: RequestToken;
  readonly #clock: Clock;
  readonly #shared = new Map<string, SharedToken>();
  readonly #underWay = new Map<string, Promise<Result<ServiceAccountToken, KubeFailure>>>();
  /** How often each was handed out, and what signed it. */
  readonly #shown = new WeakMap<Secret, { readonly keyID: string | undefined; times: number }>();
  /** When the cluster was first seen to sign by a key (`Clock.elapsed`); of the first of all that is not known. */
  readonly #signers = new Map<string, Duration | undefined>();

  constructor(request: RequestToken, clock: Clock) {
    this.#request = request;
    this.#clock = clock;
  }

  /** An assertion for `audience`: a fresh one for single use, else perhaps one that was used before. */
  async assertion(
    account: ServiceAccountRef,
    audience: string,
    reusable: boolean,
    signal: AbortSignal,
  ): Promise<Result<Secret, ActionFailure>> {
    // Whoever was told to stop asks on no account, not on that of others either: with its own signal nothing leaves.
    const answer =
      reusable && !signal.aborted
        ? await this.#sharedToken(account, audience)
        : await this.#request(account, audience, signal);
    if (!answer.ok) return err(fromKube('TokenRequestFailed', answer.error));
    const { token, keyID } = answer.value;
    if (keyID !== undefined && !this.#signers.has(keyID))
      this.#signers.set(keyID, this.#signers.size === 0 ? undefined : this.#clock.elapsed());
    this.#shown.set(token, { keyID, times: (this.#shown.get(token)?.times ?? 0) + 1 });
    return ok(token);
  }

  /** An issuer refused this assertion for `audience`: the next one is another, whatever was wrong with it. */
  refused(account: ServiceAccountRef, audience: string, assertion: Secret): RefusedProof {
    const key = keyOf(account, audience);
    if (this.#shared.get(key)?.token === assertion) this.#shared.delete(key);
    const { keyID, times } = this.#shown.get(assertion) ?? { keyID: undefined, times: 0 };
    const since = keyID === undefined ? undefined : this.#signers.get(keyID);
    return {
      wasShown: times > 1,
      keyAge: since === undefined ? undefined : milliseconds(this.#clock.elapsed() - since),
    };
  }

  async #sharedToken(
    account: ServiceAccountRef,
    audience: string,
  ): Promise<Result<ServiceAccountToken, KubeFailure>> {
    const key = keyOf(account, audience);
    const shared = this.#shared.get(key);
    if (shared !== undefined && this.#lifeLeft(shared) > reserve) return ok(shared);
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return underWay;
    // It belongs to all who join it, so that one who gives up does not end it for the others.
    const limit = deadline(this.#clock, requestTimeout);
    const request = this.#request(account, audience, limit.signal).finally(() => limit.dispose());
    this.#underWay.set(key, request);
    try {
      const answer = await request;
      if (answer.ok) this.#remember(key, answer.value);
      return answer;
    } finally {
      this.#underWay.delete(key);
    }
  }

  /** By whichever clock says less. */
  #lifeLeft({ expiresAt, endsAfter }: SharedToken): number {
    return Math.min(between(this.#clock.now(), expiresAt), endsAfter - this.#clock.elapsed());
  }

  /** Drops what has ended along with each new one, so that the map holds what is alive. */
  #remember(key: string, token: ServiceAccountToken): void {
    for (const [other, shared] of this.#shared) if (this.#lifeLeft(shared) <= 0) this.#shared.delete(other);
    const life = between(this.#clock.now(), token.expiresAt);
    const endsAfter = milliseconds(this.#clock.elapsed() + life);
    this.#shared.set(key, { ...token, endsAfter });
  }
}
