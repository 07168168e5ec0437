import type { OAuthClient } from '../../api/oauth-client.ts';
import { authenticationMethod } from '../../domain/authentication-method.ts';
import { isStored } from '../../domain/grant.ts';
import type { Stage } from '../await-state.ts';
import type { Complaint } from '../complaint.ts';
import { conditionOf } from '../health.ts';
import { nextStep } from '../next-step.ts';

/** Why the credential of a client cannot be rotated now; undefined where it can be asked for. */
export function rotationObjection(client: OAuthClient): Complaint | undefined {
  const { spec, status, metadata } = client;
  const method = authenticationMethod(spec.authentication);
  const name = `oauthclient/${metadata.name}`;
  if (!isStored(method))
    return {
      exit: 'found',
      message: `${name} has no credential to rotate: it logs in as ${method}`,
      remedy: 'nothing is to be done: ServiceAccount tokens are renewed by Kubernetes',
    };
  if (spec.management !== 'Manage')
    return {
      exit: 'found',
      message: `${name} is not managed: spec.management is ${spec.management}`,
      remedy: 'set it to Manage',
    };
  const { phase, next } = status?.rotation ?? {};
  if (phase !== undefined)
    return {
      exit: 'found',
      message: `a rotation of ${name} is under way already (${phase}${next === undefined ? '' : `, next step at ${next}`})`,
      remedy: 'wait for its end: two credentials are valid at a time, and not three',
    };
  return undefined;
}

/** How far a rotation is: `before` is the client when it was asked for. */
export function rotationStage(before: OAuthClient, now: OAuthClient, isAnswered: boolean): Stage {
  const { phase, rotatedAt, next, waitsFor } = now.status?.rotation ?? {};
  // None was under way, so that a phase beyond the first says enough; where there is no overlap, only the time tells.
  const isOver = phase === undefined && rotatedAt !== before.status?.rotation?.rotatedAt;
  const hasNew = phase === 'Overlapping' || phase === 'Retiring' || isOver;
  if (hasNew && rotatedAt !== undefined) {
    const former =
      phase === undefined || next === undefined ? '' : `; the former one stays valid until ${next}`;
    return { kind: 'done', text: `new credential since ${rotatedAt}${former}` };
  }
  const ready = conditionOf(now, 'CredentialsReady');
  const registered = conditionOf(now, 'Registered');
  const trouble = [ready, registered].find((condition) => condition?.status === 'False');
  if (isAnswered && ready?.status === 'False' && ready.reason === 'RotationUnsupported')
    return {
      kind: 'failed',
      complaint: { exit: 'found', message: ready.message, remedy: lowerFirst(nextStep(ready.reason)) },
    };
  const text = trouble?.message ?? (waitsFor === undefined ? undefined : `waits for ${waitsFor}`);
  return { kind: 'waiting', text: text ?? (phase === undefined ? 'asked for' : phaseTexts[phase]) };
}

const phaseTexts = {
  Introducing: 'the issuer learns the new credential',
  Overlapping: 'both credentials are valid',
  Retiring: 'the issuer forgets the former one',
} as const;

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');
