import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import { fractionOf } from '../std/digest.ts';
import { milliseconds, minutes } from '../std/duration.ts';
import { earliest, earliestKnown, type Instant, plus } from '../std/instant.ts';
import { type FailedAttempt, retryAt } from './attempt.ts';
import type { Capability } from './capability.ts';
import { isFalse, isTrue, type PlannedCondition } from './condition.ts';
import type { HeldKey } from './held-keys.ts';
import { isGoing } from './issuer-usable.ts';

/** What this process last read of an issuer's metadata. */
export interface Discovery {
  readonly at: Instant;
  readonly generation: number;
  readonly capabilities: readonly Capability[];
}

/** What this process last saw of the cluster's keys, on behalf of an issuer that holds them. */
export interface KeysLook {
  readonly at: Instant;
  readonly held: readonly HeldKey[];
  /** When the issuer was last looked at for them. */
  readonly upheldAt: Instant;
}

/** On each OAuthIssuer at which clients may come to be: they could be withdrawn no more if it were gone. */
export const issuerFinalizer = 'grantor.dev/clients';

/** How many refer to an issuer. Only numbers: it is no tenant's business who else has clients there. */
export interface IssuerReferences {
  readonly clients: number;
  /** Registrations there whose OAuthClient is not among these: it is gone, or which it is cannot be read. */
  readonly registrations: number;
}

/** Everything that the decision about one issuer rests on. */
export interface IssuerFacts {
  readonly issuer: OAuthIssuer | undefined;
  /** Name of an older OAuthIssuer with the same identifier or audience. */
  readonly holder: string | undefined;
  /** Whether its audience is one that ServiceAccount tokens may be asked for. */
  readonly audienceInstalled: boolean;
  readonly references: IssuerReferences;
  /** `iss` of this cluster's ServiceAccount tokens, which is also the API server's own audience unless `--api-audiences` says otherwise. */
  readonly serviceAccountIssuer: string;
  readonly discovery: Discovery | undefined;
  readonly keys: KeysLook | undefined;
  /** When one of its clients was last looked at on behalf of all of them. */
  readonly sampledAt: Instant | undefined;
  /** Whether this process holds a driver for an issuer of this name. */
  readonly hasDriver: boolean;
  readonly attempt: FailedAttempt | undefined;
}

export interface IssuerPlan {
  readonly action?: {
    readonly kind: 'discover' | 'trustKeys' | 'sampleClient' | 'addFinalizer' | 'removeFinalizer' | 'forget';
  };
  readonly conditions: readonly PlannedCondition[];
  /** For status: what the issuer can do. Empty makes it unusable. */
  readonly capabilities: readonly string[];
  /** For status: which keys of the cluster it holds. */
  readonly heldKeys?: readonly HeldKey[] | undefined;
  readonly requeueAt?: Instant | undefined;
}

/**
 * The audience that an issuer expects in ServiceAccount tokens, unless the spec says otherwise: its own identifier, and at Hydra its token
 * endpoint (RFC 7523 section 3 allows both).
 */
export const audienceOf = ({ spec: { driver, federation, issuer } }: OAuthIssuer): string =>
  federation.audience ?? (driver.hydra === undefined ? issuer : `${issuer.replace(/\/+$/, '')}/oauth2/token`);

/** Why no workload can log in with its ServiceAccount token. */
export const audienceNotInstalled = (issuer: OAuthIssuer): string =>
  `the audience ${audienceOf(issuer)} of OAuthIssuer ${issuer.metadata.name} is not among the values of ConfigMap grantor-audiences in Grantor's own namespace`;

/** What a failure of one of the two things that are done again and again belongs to. */
export const issuerFingerprint = (
  kind: NonNullable<IssuerPlan['action']>['kind'],
  issuer: OAuthIssuer | undefined,
): string => (issuer && isRepeated(kind) ? `${kind}/${issuer.metadata.generation}` : kind);

const isRepeated = (kind: string): boolean => kind === 'discover' || kind === 'trustKeys';

/** A new key may sign from the moment on at which the cluster names it. */
const betweenLooks = minutes(1);

/**
 * Decides what happens next for one issuer: it is discovered, and discovered again about every ten minutes. One that is to be deleted
 * stays, and stays usable, while anything at it can still be withdrawn.
 */
export function planIssuer(facts: IssuerFacts, now: Instant): IssuerPlan {
  const { issuer, discovery, references } = facts;
  const isHeld = issuer?.metadata.finalizers?.includes(issuerFinalizer) === true;
  if (issuer === undefined || (isGoing(issuer) && !isHeld)) {
    const nothing = { conditions: [], capabilities: [] };
    return facts.hasDriver ? { action: { kind: 'forget' }, ...nothing } : nothing;
  }
  const going = isGoing(issuer);
  if (going && references.clients + references.registrations === 0) {
    const failed = failureOf('removeFinalizer', facts);
    const conditions = notReady('IssuerGoing', `nothing is known to refer to it${failed}`);
    return {
      action: { kind: 'removeFinalizer' },
      conditions,
      capabilities: issuer.status?.capabilities ?? [],
    };
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

  // 3. Before anybody can register there: an issuer that nothing was discovered of is not used.
  const current = issuer.status?.observedGeneration === issuer.metadata.generation;
  if (!going && !isHeld) {
    const failed = failureOf('addFinalizer', facts);
    const conditions = notReady('Pending', `finalizer ${issuerFinalizer} is being set${failed}`);
    const capabilities = current ? (issuer.status?.capabilities ?? []) : [];
    return { action: { kind: 'addFinalizer' }, conditions, capabilities };
  }

  // 4. Grantor's own token would be refused by the API server before the issuer could say anything to it.
  if (!going && issuer.spec.login?.federated !== undefined && !facts.audienceInstalled) {
    const conditions = notReady('AudienceNotInstalled', audienceNotInstalled(issuer));
    return { conditions, capabilities: current ? (issuer.status?.capabilities ?? []) : [] };
  }

  // 5. Discover what is not known in this form or was not looked at for a while.
  const spread = fractionOf(issuer.metadata.uid);
  const known = discovery?.generation === issuer.metadata.generation ? discovery : undefined;
  // Counted from now where the clock was set back since.
  const nextAt = known && plus(earliest(known.at, now), milliseconds(minutes(10) * (0.9 + 0.2 * spread)));
  const attemptAt = (kind: 'discover' | 'trustKeys') =>
    facts.attempt?.fingerprint === issuerFingerprint(kind, issuer) ? facts.attempt : undefined;
  const attempt = attemptAt('discover');
  const tryAt = attempt ? retryAt(attempt, spread, now) : nextAt;

  // 6. An issuer that is away stays what it was: each object decides when to ask it again. That it is to go is another generation, but
  // not another form.
  const capabilities = known?.capabilities ?? (current || going ? (issuer.status?.capabilities ?? []) : []);
  // 7. An issuer that does not fetch the keys of the cluster is given them: it has the next one before that signs anything.
  const holdsKeys = capabilities.includes('HoldKeys');
  const heldKeys = holdsKeys ? (facts.keys?.held ?? issuer.status?.heldKeys) : undefined;
  const keysAttempt = holdsKeys ? attemptAt('trustKeys') : undefined;
  const nextLook = facts.keys === undefined ? now : plus(earliest(facts.keys.at, now), betweenLooks);
  // One that cannot be discovered is not asked for more.
  const isAsked = holdsKeys && attempt === undefined;
  const lookAt = isAsked ? (keysAttempt ? retryAt(keysAttempt, spread, now) : nextLook) : undefined;
  // 8. An issuer that forgot its clients does not say so: now and then it is asked for one of them. Whether it has any is seen then: nobody
  // wakes it for the first.
  const isSampled = attempt === undefined && capabilities.includes('Compare');
  const sampleAt = isSampled && known ? nextSample(facts.sampledAt ?? known.at, now) : undefined;
  const failed = attempt ?? keysAttempt;
  const conditions = going
    ? notReady('IssuerGoing', `it is being deleted, and stays for ${listed(references)}`)
    : failed
      ? notReady(failed.failure.reason, failed.failure.message)
      : known === undefined
        ? notReady('Pending', 'the metadata of the issuer is being read')
        : needsAudience(issuer) && !facts.audienceInstalled
          ? notReady('AudienceNotInstalled', audienceNotInstalled(issuer))
          : [isTrue('Ready', 'Discovered', `metadata read from ${issuer.spec.issuer}`)];
  const told = { conditions, capabilities, heldKeys };
  if (tryAt === undefined || tryAt <= now) return { action: { kind: 'discover' }, ...told };
  if (lookAt !== undefined && lookAt <= now) return { action: { kind: 'trustKeys' }, ...told };
  if (sampleAt !== undefined && sampleAt <= now) return { action: { kind: 'sampleClient' }, ...told };
  return { ...told, requeueAt: earliestKnown(tryAt, lookAt, sampleAt) };
}

/** Within a minute it is noticed that an issuer lost its clients, for one request. */
const betweenSamples = minutes(1);

/** Now, if the clock was set back since the last. */
const nextSample = (last: Instant, now: Instant): Instant => (last > now ? now : plus(last, betweenSamples));

/** Whether ServiceAccount tokens are shown there: those of workloads, or the controller's own. */
const needsAudience = ({ spec: { driver, federation } }: OAuthIssuer): boolean =>
  federation.method !== 'None' || driver.hydra?.adminAuthentication === 'ServiceAccountToken';

/** What kept us from an action the last time, to be added to a sentence. */
const failureOf = (action: string, { attempt }: IssuerFacts): string =>
  attempt?.fingerprint === action ? `: ${attempt.failure.message}` : '';

const listed = ({ clients, registrations }: IssuerReferences): string =>
  [
    ...(clients > 0 ? [`its OAuthClients (${clients})`] : []),
    ...(registrations > 0 ? [`other registrations there (${registrations})`] : []),
  ].join(' and ');

const notReady = (reason: PlannedCondition['reason'], message: string): readonly PlannedCondition[] => [
  isFalse('Ready', reason, message),
];
