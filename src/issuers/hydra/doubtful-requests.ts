import * as jose from 'jose';
import type { CallContext, IssuedToken, IssuerDriver, TokenGrant } from '../../ports/issuer-driver.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import type { Clock } from '../../std/clock.ts';
import { type Duration, seconds } from '../../std/duration.ts';
import type { Result } from '../../std/result.ts';
import type { Trust } from './trust.ts';

type RequestToken = IssuerDriver['requestToken'];

export interface DoubtfulRequestsOptions {
  readonly requestToken: RequestToken;
  readonly trust: Trust;
  /** Looks whether all rows are there. */
  readonly uphold: (call: CallContext) => Promise<unknown>;
  readonly clock: Clock;
}

/** For one reason all rows are looked at no more often than this. */
const betweenDoubts = seconds(30);

/**
 * Token requests by an assertion that Hydra may refuse for want of a row: the cluster has only just begun to sign with this key, or somebody
 * took rows away. Then all rows are looked at, by one for all that wait, and who was refused asks again if there are more now.
 */
export function doubtfulRequests({
  requestToken,
  trust,
  uphold,
  clock,
}: DoubtfulRequestsOptions): RequestToken {
  const doubts = new Map<string, Duration>();
  let look: Promise<unknown> | undefined;

  async function doubt(reason: string, { correlationID }: CallContext): Promise<void> {
    const last = doubts.get(reason);
    if (look === undefined && (last === undefined || clock.elapsed() - last >= betweenDoubts)) {
      doubts.set(reason, clock.elapsed());
      // It belongs to all who wait for it, so that one who gives up does not end it for the others.
      const call = { signal: new AbortController().signal, correlationID, tenantID: '' };
      look = uphold(call).finally(() => {
        look = undefined;
      });
    }
    await look;
  }

  return async (grant: TokenGrant, call: CallContext): Promise<Result<IssuedToken, IssuerFailure>> => {
    const { authentication } = grant;
    if (authentication.method !== 'Federated') return requestToken(grant, call);
    const keyID = keyIDOf(authentication.assertion.reveal());
    if (trust.lacks(keyID)) await doubt(keyID, call);
    await trust.settled();
    const before = trust.additions();
    const answer = await requestToken(grant, call);
    if (answer.ok || answer.error.oauthError !== 'invalid_grant') return answer;
    await doubt('refused', call);
    // Hydra remembers an assertion only when it has taken it, so it may be shown again.
    return trust.additions() > before ? requestToken(grant, call) : answer;
  };
}

function keyIDOf(assertion: string): string {
  try {
    return jose.decodeProtectedHeader(assertion).kid ?? '';
  } catch {
    return '';
  }
}
