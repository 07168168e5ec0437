import { seconds } from '../std/duration.ts';
import { type Instant, plus } from '../std/instant.ts';
import type { ExistingBindingFacts, TokenSecret } from './binding-facts.ts';
import { type BindingPlan, endOf } from './binding-plan.ts';
import type { GrantLogin } from './grant.ts';
import { issuerHas, isUsable } from './issuer-usable.ts';

/** How long a Secret waits for the revocation of what lies in it. It goes whether or not the issuer has answered. */
const patience = seconds(1);

/**
 * Takes a token away that may be used no more: revoked at the issuer, then out of the Secret. `byClient`: the issuer ends all tokens of the
 * client, which needs no token, and nothing here waits for it.
 */
export function takenAway(
  facts: ExistingBindingFacts,
  secret: TokenSecret,
  because: string,
  byClient: boolean,
  now: Instant,
): Pick<BindingPlan, 'action' | 'requeueAt'> {
  const withdraw = { action: { kind: 'withdraw', secret, because } } as const;
  const revocation = facts.revocations.get(secret.uid);
  if (revocation === undefined) {
    const tried = facts.attempt?.fingerprint === `revoke/${secret.uid}`;
    const login = tried || byClient || endOf(secret, now) <= now ? undefined : revocationLogin(facts);
    return login === undefined ? withdraw : { action: { kind: 'revoke', secret, login } };
  }
  const { startedAt, outcome } = revocation;
  const until = plus(startedAt, patience);
  // How long it has been is not known where the clock was set back since.
  const isWaitedFor = outcome === undefined && startedAt <= now && now < until;
  return isWaitedFor ? { requeueAt: until } : withdraw;
}

/** As whom a token is revoked (RFC 7009 section 2.1): the client that it was given to. Undefined where that cannot be. */
function revocationLogin({ binding, client, issuer }: ExistingBindingFacts): GrantLogin | undefined {
  const granted = binding.status?.grant;
  if (granted === undefined || client === undefined || issuer === undefined) return undefined;
  const { derivedFrom, clientID, tenantID, authentication, serviceAccount } = granted;
  const same =
    derivedFrom.client.uid === client.metadata.uid && derivedFrom.issuer.uid === issuer.metadata.uid;
  if (!same || !isUsable(issuer) || !issuerHas(issuer, 'Revoke')) return undefined;
  const { namespace } = binding.metadata;
  return { clientID, tenantID, method: authentication, serviceAccount: { ...serviceAccount, namespace } };
}
