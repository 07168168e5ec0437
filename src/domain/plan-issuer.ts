import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import { fractionOf } from '../std/digest.ts';
import { milliseconds, minutes } from '../std/duration.ts';
import { earliest, type Instant, plus } from '../std/instant.ts';
import { type FailedAttempt, retryAt } from './attempt.ts';
import type { Capability } from './capability.ts';
import { isFalse, isTrue, type PlannedCondition } from './condition.ts';

/** What this process last read of an issuer's metadata. */
export interface Discovery {
  readonly at: Instant;
  readonly generation: number;
  readonly capabilities: readonly Capability[];
}

/** Everything that the decision about one issuer rests on. */
export interface IssuerFacts {
  readonly issuer: OAuthIssuer | undefined;
  /** Name of an older OAuthIssuer with the same identifier or audience. */
  readonly holder: string | undefined;
  /** `iss` of this cluster's ServiceAccount tokens, which is also the API server's own audience unless `--api-audiences` says otherwise. */
  readonly serviceAccountIssuer: string;
  readonly discovery: Discovery | undefined;
  /** Whether this process holds a driver for an issuer of this name. */
  readonly hasDriver: boolean;
  readonly attempt: FailedAttempt | undefined;
}

export interface IssuerPlan {
  readonly action?: { readonly kind: 'discover' } | { readonly kind: 'forget' };
  readonly conditions: readonly PlannedCondition[];
  /** For status: what the issuer can do. Empty makes it unusable. */
  readonly capabilities: readonly string[];
  readonly requeueAt?: Instant;
}

/** The audience that an issuer expects in ServiceAccount tokens: its own identifier unless the spec says otherwise. */
export const audienceOf = ({ spec }: OAuthIssuer): string => spec.federation.audience ?? spec.issuer;

/** Which attempt at discovery a failure belongs to. */
export const discoveryFingerprint = ({ metadata }: OAuthIssuer): string => `discover/${metadata.generation}`;

/** Decides what happens next for one issuer: it is discovered, and discovered again about every ten minutes. */
export function planIssuer(facts: IssuerFacts, now: Instant): IssuerPlan {
  const { issuer, discovery } = facts;
  if (issuer === undefined || issuer.metadata.deletionTimestamp !== undefined) {
    const nothing = { conditions: [], capabilities: [] };
    return facts.hasDriver ? { action: { kind: 'forget' }, ...nothing } : nothing;
  }

  // 1. Two objects for one issuer, or for one audience, would answer for each other's tokens; the older one stands.
  if (facts.holder !== undefined) {
    const message = `OAuthIssuer ${facts.holder} is older and has the same spec.issuer or audience`;
    return { conditions: notReady('IssuerIdentifierTaken', message), capabilities: [] };
  }

  // 2. A token for the API server must never be sent to an issuer.
  if (audienceOf(issuer) === facts.serviceAccountIssuer) {
    const message = `spec.federation.audience: ${facts.serviceAccountIssuer} is the API server's own audience`;
    return { conditions: notReady('AudienceReserved', message), capabilities: [] };
  }

  // 3. Discover what is not known in this form or was not looked at for a while.
  const spread = fractionOf(issuer.metadata.uid);
  const known = discovery?.generation === issuer.metadata.generation ? discovery : undefined;
  // Counted from now where the clock was set back since.
  const nextAt = known && plus(earliest(known.at, now), milliseconds(minutes(10) * (0.9 + 0.2 * spread)));
  const attempt = facts.attempt?.fingerprint === discoveryFingerprint(issuer) ? facts.attempt : undefined;
  const tryAt = attempt ? retryAt(attempt, spread, now) : nextAt;

  // 4. An issuer that is away stays what it was: each object decides when to ask it again.
  const current = issuer.status?.observedGeneration === issuer.metadata.generation;
  const capabilities = known?.capabilities ?? (current ? (issuer.status?.capabilities ?? []) : []);
  const conditions = attempt
    ? notReady(attempt.failure.reason, attempt.failure.message)
    : known === undefined
      ? notReady('Pending', 'the metadata of the issuer is being read')
      : [isTrue('Ready', 'Discovered', `metadata read from ${issuer.spec.issuer}`)];
  if (tryAt === undefined || tryAt <= now) return { action: { kind: 'discover' }, conditions, capabilities };
  return { conditions, capabilities, requeueAt: tryAt };
}

const notReady = (reason: PlannedCondition['reason'], message: string): readonly PlannedCondition[] => [
  isFalse('Ready', reason, message),
];
