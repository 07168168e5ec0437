import { describe, expect, it } from 'vitest';
import { registered } from '../../test/gen/client-plans.ts';
import { clientFacts, now } from '../../test/gen/facts.ts';
import { aClient, anIssuer, type Change, withMetadata, without, withSpec } from '../../test/gen/objects.ts';
import { rotated } from '../../test/gen/rotations.ts';
import type { OAuthClient } from '../api/oauth-client.ts';
import { hours, minutes } from '../std/duration.ts';
import { formatInstant, type Instant, instantOf, minus, plus } from '../std/instant.ts';
import { Secret } from '../std/secret.ts';
import type { Capability } from './capability.ts';
import type { CredentialRotation, RotationPhase } from './credential.ts';
import { rotationObstacle } from './credential-policy.ts';
import { afterStep, requestDigest, type StepContext } from './credential-steps.ts';
import { planCredentialRotation } from './plan-credential-rotation.ts';
import type { RegistrationRecord } from './registration-record.ts';
import type { ConsumerLook } from './stale-consumers.ts';

const policy = {
  every: hours(240),
  overlap: minutes(30),
  maxOverlap: hours(4),
  onStaleConsumers: 'Keep',
} as const;
const key = (x: string) => ({ publicKey: { kty: 'EC', x }, privateKey: new Secret({ kty: 'EC', x }) });
const client = (rotation: object | null = policy, ...changes: readonly Change<OAuthClient>[]) =>
  aClient(withSpec({ authentication: rotated('privateKey', rotation) }), ...changes);
const asking = withMetadata<OAuthClient>({ annotations: { 'grantor.dev/rotate': 'now' } });
const young = { ...key('current'), credentialSince: minus(now, hours(1)) };
const old = { ...key('current'), credentialSince: minus(now, hours(241)) };
const within = (phase: RotationPhase, ago: Parameters<typeof minus>[1] = minutes(0)) => ({
  ...key('current'),
  rotation: { phase, since: minus(now, ago), other: key('other') } satisfies CredentialRotation,
});
const look = (change: Partial<ConsumerLook> = {}): ConsumerLook => ({
  ...{ at: now, resourceVersion: '9', stale: [] },
  ...change,
});

interface Situation {
  readonly record: Partial<RegistrationRecord>;
  readonly of?: OAuthClient;
  readonly consumers?: ConsumerLook;
  readonly turn?: Instant;
  /** How long ago the copy was written. */
  readonly written?: Parameters<typeof minus>[1];
}

/** The plan in a line. */
function plan({ record, of = client(), consumers, turn, written = minutes(0) }: Situation): string {
  const facts = { ...clientFacts({ consumers, rotationTurn: turn }), client: of };
  const copy = {
    ...{ namespace: 'acme-prod', name: 'credentials', uid: 'uid-copy', resourceVersion: '9' },
    writtenAt: minus(now, written),
  };
  const planned = planCredentialRotation(facts, registered(facts, record), copy, now);
  const { action, requeueAt, waitsFor, overdue } = planned;
  const does = action?.kind === 'rotateCredentials' ? action.step : action?.kind;
  return [
    does ?? (requeueAt === undefined ? 'rests' : `waits until ${formatInstant(requeueAt).slice(5, 16)}`),
    ...(waitsFor === undefined ? [] : [`for ${waitsFor.split(':')[0]}`]),
    ...(overdue ? ['too long'] : []),
  ].join(' ');
}

describe('a rotation', () => {
  const window = { days: ['Sat' as const], start: '02:00', duration: hours(4) };
  it.each<[string, Situation, RegExp | string]>([
    ['never begins where nobody wants it', { record: old, of: client(null) }, 'rests'],
    ['is waited for while the credential is young', { record: young }, /^waits until 06-(09|10|11)/],
    ['lines up when it is old', { record: old }, 'takeTurn'],
    ['waits for its turn', { record: old, turn: plus(now, minutes(2)) }, 'waits until 06-01T12:02'],
    ['begins when it is its turn', { record: old, turn: now }, 'begin'],
    ['lines up again when it let its turn go by', { record: old, turn: minus(now, hours(1)) }, 'takeTurn'],
    ['lines up when somebody asks for it', { record: young, of: client(policy, asking) }, 'takeTurn'],
    [
      'asked for begins though there is no policy',
      { record: young, of: client(null, asking), turn: now },
      'begin',
    ],
    [
      'asked for by the same value again is none',
      { record: { ...young, rotationAnswered: requestDigest('now') }, of: client(null, asking) },
      'rests',
    ],
    [
      'waits for its window',
      { record: old, of: client({ ...policy, window }), turn: now },
      /^waits until 06-06T0[23]:.* for its maintenance window$/,
    ],
    ['goes on when the issuer holds both', { record: within('Introducing') }, 'promote'],
    ['looks who has the former one', { record: within('Overlapping') }, 'lookForConsumers'],
    [
      'lets the overlap go by',
      { record: within('Overlapping'), consumers: look() },
      'waits until 06-01T12:30',
    ],
    [
      'counts it from when the copy was written',
      { record: within('Overlapping', hours(9)), written: minutes(29), consumers: look() },
      'waits until 06-01T12:01',
    ],
    [
      'retires the former one after it',
      { record: within('Overlapping', minutes(30)), written: minutes(30), consumers: look() },
      'retire',
    ],
    [
      'waits for pods after it',
      { record: within('Overlapping', hours(1)), written: hours(1), consumers: look({ stale: ['web'] }) },
      /^waits until 06-01T12:05 for pods/,
    ],
    [
      'waits for what it cannot see',
      { record: within('Overlapping', hours(1)), written: hours(1), consumers: look({ unknown: '403' }) },
      /^waits until 06-01T12:05 for it is not known/,
    ],
    [
      'goes on waiting, if the former one is to be kept',
      { record: within('Overlapping', hours(4)), written: hours(4), consumers: look({ stale: ['web'] }) },
      /too long$/,
    ],
    [
      'retires it after maxOverlap, if it is to be retired',
      {
        record: within('Overlapping', hours(4)),
        of: client({ ...policy, onStaleConsumers: 'Retire' }),
        written: hours(4),
        consumers: look({ stale: ['web'] }),
      },
      'retire',
    ],
    [
      'never retires it before the overlap, however late the copy was written',
      {
        record: within('Overlapping', hours(9)),
        of: client({ ...policy, onStaleConsumers: 'Retire' }),
        written: minutes(1),
        consumers: look({ stale: ['web'] }),
      },
      /^waits until 06-01T12:29 for pods/,
    ],
    ['ends when the issuer holds the new one alone', { record: within('Retiring') }, 'end'],
  ])('%s', (_, situation, expected) => {
    if (typeof expected === 'string') expect(plan(situation)).toBe(expected);
    else expect(plan(situation)).toMatch(expected);
  });
});

describe('the steps of a rotation', () => {
  const context: StepContext = {
    method: 'PrivateKey',
    fresh: key('next'),
    request: 'now',
    interrupts: false,
    now,
  };
  const start = registered(undefined, { ...key('first'), registeredHash: 'hash' });
  const names = (record: RegistrationRecord) => [
    record.publicKey?.['x'],
    record.rotation?.phase,
    record.rotation?.other.publicKey?.['x'],
    record.credentialRevision,
  ];

  it('lead from one credential to the next', () => {
    const begun = afterStep(start, 'begin', context);
    const promoted = afterStep(begun, 'promote', context);
    const retired = afterStep(promoted, 'retire', context);
    const ended = afterStep(retired, 'end', context);
    expect([begun, promoted, retired, ended].map(names)).toEqual([
      ['first', 'Introducing', 'next', 1],
      ['next', 'Overlapping', 'first', 2],
      ['next', 'Retiring', 'first', 2],
      ['next', undefined, undefined, 2],
    ]);
    expect(begun.rotationAnswered).toBe(requestDigest('now'));
    expect(promoted.credentialSince).toBe(now);
    expect(promoted.rotation?.other.privateKey?.reveal()).toEqual({ kty: 'EC', x: 'first' });
  });

  it('leave no overlap where the issuer holds one', () => {
    const begun = afterStep(start, 'begin', { ...context, interrupts: true });
    expect(names(afterStep(begun, 'promote', context))).toEqual(['next', undefined, undefined, 2]);
  });

  it('can be given up at any time, with what is the current one then', () => {
    const begun = afterStep(start, 'begin', context);
    expect(names(afterStep(begun, 'abandon', context))).toEqual(['first', undefined, undefined, 1]);
    const promoted = afterStep(begun, 'promote', context);
    expect(names(afterStep(promoted, 'abandon', context))).toEqual(['next', undefined, undefined, 2]);
  });
});

describe('an issuer', () => {
  const secret = (rotation: object) =>
    aClient(withSpec({ authentication: rotated('secret', { ...policy, ...rotation }) }));
  it.each<[string, OAuthClient, readonly Capability[], RegExp | undefined]>([
    ['that changes registrations rotates keys', client(), ['ChooseSecret', 'SecretOverlap'], undefined],
    ['that changes none rotates nothing', client(), ['Update'], /cannot change a registration/],
    ['that changes none is not asked', client(null), ['Update'], undefined],
    ['that changes none says so to who asks', client(null, asking), ['Update'], /cannot change/],
    ['that takes our secrets and holds two rotates them', secret({}), [], undefined],
    ['that chooses secrets does not', secret({}), ['ChooseSecret'], /chooses the secrets/],
    ['that holds one does not', secret({}), ['SecretOverlap'], /holds one secret/],
    [
      'that holds one does, if it may interrupt',
      secret({ allowInterruption: true }),
      ['SecretOverlap'],
      undefined,
    ],
  ])('%s', (_, of, missing, expected) => {
    const obstacle = rotationObstacle(of, anIssuer(without(...missing)), undefined);
    if (expected === undefined) expect(obstacle).toBeUndefined();
    else
      expect(obstacle).toMatchObject({
        reason: 'RotationUnsupported',
        message: expect.stringMatching(expected) as string,
      });
  });
});

it('a credential of which the record does not say since when is as old as its client', () => {
  const unknown = { ...key('current') };
  const made = withMetadata<OAuthClient>({ creationTimestamp: formatInstant(instantOf(now - hours(240))) });
  expect(plan({ record: unknown, of: client(policy, made) })).toBe('takeTurn');
});
