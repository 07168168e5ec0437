import { rotateAnnotation } from '../api/metadata.ts';
import type { OAuthClient } from '../api/oauth-client.ts';
import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import { type CredentialRotationPolicy, defaultRotation } from '../api/rotation-field.ts';
import { fractionOf } from '../std/digest.ts';
import { minutes, seconds, toSeconds } from '../std/duration.ts';
import { type Instant, instantIn, instantOf, plus } from '../std/instant.ts';
import type { FailedAttempt } from './attempt.ts';
import { authenticationMethod } from './authentication-method.ts';
import { managementObstacle } from './client-conditions.ts';
import { isFalse, type PlannedCondition } from './condition.ts';
import { requestDigest } from './credential-steps.ts';
import { nextOpening } from './credential-window.ts';
import type { AuthenticationMethod } from './grant.ts';
import { isStored } from './grant.ts';
import { issuerHas } from './issuer-usable.ts';
import type { RegistrationRecord } from './registration-record.ts';

/** What the spec says about rotation, if it says anything. */
const askedRotation = ({ spec: { authentication } }: OAuthClient): CredentialRotationPolicy | undefined =>
  (authentication.privateKey ?? authentication.secret ?? authentication.mutualTLS)?.rotation;

/** How the credential is rotated, if it is. */
export const rotationPolicyOf = (client: OAuthClient): CredentialRotationPolicy =>
  askedRotation(client) ?? defaultRotation;

/** The value of the annotation by which somebody asks for a rotation, where it was not answered yet: each new value once. */
export function rotationRequest(
  { metadata }: OAuthClient,
  record: RegistrationRecord | undefined,
): string | undefined {
  const asked = metadata.annotations?.[rotateAnnotation];
  return asked === undefined || record?.rotationAnswered === requestDigest(asked) ? undefined : asked;
}

/**
 * When the credential is to be replaced because of its age: up to a tenth earlier than `every`, each credential of each client at its own
 * time, so that those made together don't go together.
 */
export function rotationDueAt(client: OAuthClient, record: RegistrationRecord): Instant | undefined {
  const { every } = rotationPolicyOf(client);
  const { uid, creationTimestamp } = client.metadata;
  const since = record.credentialSince ?? instantIn(creationTimestamp);
  if (every === undefined || since === undefined) return undefined;
  const share = 1 - fractionOf(`${uid}/${record.credentialRevision}`) / 10;
  return plus(since, seconds(Math.floor(toSeconds(every) * share)));
}

/** When that may begin: in a maintenance window, if there is one, each client at a time of its own. */
export function rotationOpensAt(client: OAuthClient, at: Instant): Instant {
  const { window } = rotationPolicyOf(client);
  return window === undefined ? at : nextOpening(window, at, fractionOf(`${client.metadata.uid}/window`));
}

/** Whether the issuer holds one credential of a client only, so that the next takes the place of the current at once. */
export const rotationInterrupts = (method: AuthenticationMethod, issuer: OAuthIssuer): boolean =>
  method === 'Secret' && !issuerHas(issuer, 'SecretOverlap');

/** The time that consumers have at least to read a credential whose coming ends the one before it. */
const leastLife = minutes(5);

/** Until when a credential is too new to be replaced. With an overlap there is no such time: the next one waits for its end. */
export const restsUntil = (
  client: OAuthClient,
  issuer: OAuthIssuer | undefined,
  { credentialSince }: RegistrationRecord,
): Instant =>
  credentialSince && issuer && rotationInterrupts(authenticationMethod(client.spec.authentication), issuer)
    ? plus(credentialSince, leastLife)
    : instantOf(0);

/**
 * Whether nobody asks any more for a rotation that the issuer has refused. Until then it is tried again now and then, and its refusal told; and
 * nothing else that is wanted of the client reaches the issuer.
 */
export function isUnwanted(
  client: OAuthClient,
  record: RegistrationRecord,
  attempt: FailedAttempt | undefined,
): boolean {
  const isRefused = record.rotation?.phase === 'Introducing' && attempt?.failure.reason === 'IssuerRejected';
  const asked = client.metadata.annotations?.[rotateAnnotation];
  const isAsked = asked !== undefined && requestDigest(asked) === record.rotationAnswered;
  return isRefused && !isAsked && rotationPolicyOf(client).every === undefined;
}

/** Why an issuer cannot rotate the credential as it is asked to; nothing is sent then. */
export function rotationObstacle(
  client: OAuthClient,
  issuer: OAuthIssuer,
  record: RegistrationRecord | undefined,
): PlannedCondition | undefined {
  const method = authenticationMethod(client.spec.authentication);
  const isAsked = askedRotation(client) !== undefined || rotationRequest(client, record) !== undefined;
  if (!isStored(method) || !isAsked) return undefined;
  const refused = (why: string): PlannedCondition =>
    isFalse('CredentialsReady', 'RotationUnsupported', `OAuthIssuer ${issuer.metadata.name} ${why}`);
  if (!issuerHas(issuer, 'Update')) return refused('cannot change a registration');
  if (record && managementObstacle(record, issuer)) return refused('lets nobody change this registration');
  if (method !== 'Secret') return undefined;
  if (!issuerHas(issuer, 'ChooseSecret')) return refused('chooses the secrets of clients itself, once');
  const mayInterrupt = client.spec.authentication.secret?.rotation?.allowInterruption === true;
  return mayInterrupt || !rotationInterrupts(method, issuer)
    ? undefined
    : refused(
        'holds one secret of a client: the former would end with the first moment of the new one, and allowInterruption is not set',
      );
}
