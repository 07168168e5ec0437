import type { ActionFailure } from '../../domain/attempt.ts';
import { fromKube } from '../../issuance/action-failure.ts';
import type { KubeClient } from '../../kube/kube-client.ts';
import { keyOf } from '../../runtime/store.ts';
import { deadline } from '../../std/clock.ts';
import { seconds } from '../../std/duration.ts';
import { err, ok, type Result } from '../../std/result.ts';
import type { Secret } from '../../std/secret.ts';
import type { ServiceAccountRef } from '../binding/service-account-tokens.ts';
import type { Environment } from '../environment.ts';

type Parts = Pick<Environment, 'world' | 'serviceAccountTokens' | 'clock'>;

const requestTimeout = seconds(10);

/**
 * Tokens of the ServiceAccount that this program runs as, for logging in to issuers. The API server says which that is, however the program
 * came to its credentials; its UID, which a TokenRequest needs, is in the cache.
 */
export class OwnServiceAccount {
  readonly #kube: Pick<KubeClient, 'whoAmI'>;
  readonly #parts: Parts;
  #username: string | undefined;

  constructor(kube: Pick<KubeClient, 'whoAmI'>, parts: Parts) {
    this.#kube = kube;
    this.#parts = parts;
  }

  /** A fresh one: a login is rare, and outlives the token that it was made with. */
  async assertion(audience: string): Promise<Result<Secret, ActionFailure>> {
    const limit = deadline(this.#parts.clock, requestTimeout);
    try {
      const account = await this.#account(limit.signal);
      if (!account.ok) return account;
      return await this.#parts.serviceAccountTokens.assertion(account.value, audience, false, limit.signal);
    } finally {
      limit.dispose();
    }
  }

  async #account(signal: AbortSignal): Promise<Result<ServiceAccountRef, ActionFailure>> {
    if (this.#username === undefined) {
      const answer = await this.#kube.whoAmI({ signal });
      if (!answer.ok) return err(fromKube('TokenRequestFailed', answer.error));
      this.#username = answer.value.username;
    }
    const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(this.#username) ?? [];
    if (namespace === undefined || name === undefined) {
      const message = `the controller runs as ${this.#username}, which is no ServiceAccount`;
      return err({ reason: 'TokenRequestFailed', message, retry: 'slow' });
    }
    const uid = this.#parts.world.serviceAccounts.store.get(keyOf(namespace, name))?.uid;
    if (uid !== undefined) return ok({ namespace, name, uid });
    const message = `there is no ServiceAccount ${namespace}/${name}, which the controller runs as`;
    return err({ reason: 'TokenRequestFailed', message, retry: 'soon' });
  }
}
