import { type Client, errors } from 'oidc-provider';
import { type Json, sameJson } from '../std/canonical-json.ts';
import { type Clock, sleep } from '../std/clock.ts';
import { milliseconds, seconds } from '../std/duration.ts';
import type { ClientStore } from './client-store.ts';

/**
 * `iat` has whole seconds, so all tokens of the second in which a client's tokens are revoked are. One that is asked for later in that
 * second waits until it is over, or it would be inactive from birth. Whose registration changed meanwhile asks again.
 */
export async function afterRevocation(
  clients: ClientStore,
  clock: Clock,
  { clientId }: Client,
): Promise<void> {
  const revokedAt = clients.tokensRevokedAt(clientId) ?? 0;
  const wait = (revokedAt + 1) * 1000 - clock.now();
  if (wait <= 0) return;
  const before = clients.find(clientId) as Json | undefined;
  // A clock that was set back is no reason to wait for longer.
  await sleep(clock, milliseconds(Math.min(wait, seconds(1))));
  if (!sameJson(before, clients.find(clientId) as Json | undefined)) {
    throw new errors.TemporarilyUnavailable('the registration of the client is being changed');
  }
}
