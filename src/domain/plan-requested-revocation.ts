import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import { earliestKnown, type Instant } from '../std/instant.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import { type ClientPlan, fingerprintOf } from './client-plan.ts';
import { isFalse, withInstead } from './condition.ts';
import { issuerHas } from './issuer-usable.ts';
import type { RegistrationRecord } from './registration-record.ts';
import { revocationRequest } from './revocation-request.ts';

/**
 * What is planned for a registered client, and that its tokens end when somebody wants what was obtained until then to be worth nothing:
 * bindings and nodes get other tokens for it. That comes first. When the issuer has not done it, what goes without goes on before it is
 * asked again: a copy, a rotation, and the look that finds out that the issuer has lost the client. Until it is done the client is not ready,
 * also where the failure of something else is the last one that is known.
 */
export function withRequestedRevocation(
  plan: ClientPlan,
  { client, record, attempt }: ExistingClientFacts & { readonly record: RegistrationRecord },
  issuer: OAuthIssuer,
  now: Instant,
): ClientPlan {
  const asked = issuerHas(issuer, 'RevokeAll') ? revocationRequest(client, record) : undefined;
  if (asked === undefined) return plan;
  if (asked > now) return { ...plan, requeueAt: earliestKnown(asked, plan.requeueAt) };
  const revoke = { kind: 'revokeTokens', record, goesOn: true } as const;
  const hasFailed = attempt?.fingerprint === fingerprintOf(revoke, client);
  const told = { ...plan, conditions: withInstead(plan.conditions, notEnded) };
  return hasFailed && plan.action !== undefined ? told : { ...told, action: revoke };
}

const notEnded = isFalse(
  'Registered',
  'Pending',
  'the issuer has not ended its tokens yet, as somebody asked',
);
