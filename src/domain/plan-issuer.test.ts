import { describe, expect, it } from 'vitest';
import { issuerFacts, now } from '../../test/gen/facts.ts';
import { anIssuer, everything, withMetadata, withSpec, withStatus } from '../../test/gen/objects.ts';
import { hours, minutes, seconds } from '../std/duration.ts';
import { minus, plus } from '../std/instant.ts';
import type { FailedAttempt } from './attempt.ts';
import { type IssuerFacts, planIssuer } from './plan-issuer.ts';

const failure: FailedAttempt = {
  fingerprint: 'discover/1',
  failure: { reason: 'IssuerUnavailable', message: 'refused', retry: 'soon' },
  at: now,
  count: 1,
};
const discovery = { at: now, generation: 1, capabilities: ['Register' as const] };
const comparing = { ...discovery, capabilities: ['Compare' as const] };
const holding = { ...discovery, capabilities: ['HoldKeys' as const] };

const plan = (facts: Partial<IssuerFacts>): string => {
  const { action, conditions, capabilities, requeueAt } = planIssuer(issuerFacts(facts), now);
  const again = requeueAt === undefined ? '' : `, again in ${Math.round((requeueAt - now) / 1000)}s`;
  const state = conditions.map(({ status, reason }) => `${status} ${reason}`).join() || 'tells nothing';
  const can = capabilities.length === everything.length ? 'all' : capabilities.length;
  return `${action?.kind ?? 'wait'}, ${state}, can ${can}${again}`;
};

const going = (finalizers: readonly string[]) =>
  anIssuer(withMetadata({ generation: 2, deletionTimestamp: '2026-06-01T12:00:00Z', finalizers }));
const held = going(['grantor.dev/clients']);

describe('what is told of an issuer that holds the keys of the cluster', () => {
  const stored = anIssuer(withStatus({ heldKeys: [{ keyID: 'stored' }] }));
  it('is what was stored until the first look, and then what was seen', () => {
    expect(planIssuer(issuerFacts({ issuer: stored, discovery: holding }), now).heldKeys).toEqual([
      { keyID: 'stored' },
    ]);
    const keys = { at: now, held: [{ keyID: 'seen' }], upheldAt: now };
    expect(planIssuer(issuerFacts({ issuer: stored, discovery: holding, keys }), now).heldKeys).toEqual(
      keys.held,
    );
  });

  it('is nothing where it fetches them itself', () => {
    expect(planIssuer(issuerFacts({ issuer: stored, discovery }), now).heldKeys).toBeUndefined();
  });
});

describe('an issuer', () => {
  it.each<[string, Partial<IssuerFacts>, string]>([
    [
      'is held before it is used',
      { issuer: anIssuer(withMetadata({ finalizers: [] }), withStatus({})), discovery },
      'addFinalizer, False Pending, can 0',
    ],
    [
      'that was in use stays in use while it cannot be held',
      { issuer: anIssuer(withMetadata({ finalizers: [] })) },
      'addFinalizer, False Pending, can all',
    ],
    ['is discovered first', {}, 'discover, False Pending, can 0'],
    [
      'is ready then, and looked at again in about ten minutes',
      { discovery },
      'wait, True Discovered, can 1, again in 614s',
    ],
    [
      'that Grantor logs in to by its ServiceAccount is not asked before that audience is installed',
      {
        issuer: anIssuer(
          withSpec({
            driver: { keycloak: { identityProvider: 'kubernetes' } },
            login: { federated: { clientID: 'grantor' } },
          }),
        ),
        discovery,
        audienceInstalled: false,
      },
      'wait, False AudienceNotInstalled, can all',
    ],
    [
      'whose audience nobody installed says so, and is looked after all the same',
      { discovery, audienceInstalled: false },
      'wait, False AudienceNotInstalled, can 1, again in 614s',
    ],
    [
      "that takes no ServiceAccount tokens of workloads may be shown the controller's own",
      {
        issuer: anIssuer(
          withSpec({
            driver: {
              hydra: {
                adminURL: 'https://admin.example',
                adminAuthentication: 'ServiceAccountToken',
                tokenHook: [],
              },
            },
            federation: { method: 'None', assertionReuse: 'SingleUse' },
          }),
        ),
        discovery,
        audienceInstalled: false,
      },
      'wait, False AudienceNotInstalled, can 1, again in 614s',
    ],
    [
      'that holds the keys of the cluster gets them before anything else',
      { discovery: holding },
      'trustKeys, True Discovered, can 1',
    ],
    [
      'that holds the keys of the cluster is ready while they are as they were, and they are looked at each minute',
      { discovery: holding, keys: { at: now, held: [{ keyID: 'a' }], upheldAt: now } },
      'wait, True Discovered, can 1, again in 60s',
    ],
    [
      'that could not be given the keys of the cluster says so, and is asked again soon',
      { discovery: holding, attempt: { ...failure, fingerprint: 'trustKeys/1' } },
      'wait, False IssuerUnavailable, can 1, again in 1s',
    ],
    [
      'that can say what it holds is asked for one of its clients each minute',
      {
        discovery: comparing,
        references: { clients: 1, registrations: 0 },
        sampledAt: minus(now, minutes(1)),
      },
      'sampleClient, True Discovered, can 1',
    ],
    [
      'that can say what it holds is asked for none in between',
      {
        discovery: comparing,
        references: { clients: 1, registrations: 0 },
        sampledAt: minus(now, seconds(59)),
      },
      'wait, True Discovered, can 1, again in 1s',
    ],
    [
      'is asked for the first of its clients a minute after it was discovered',
      { discovery: comparing, references: { clients: 1, registrations: 0 } },
      'wait, True Discovered, can 1, again in 60s',
    ],
    [
      'is asked for one of its clients once the clock was set back',
      { discovery: comparing, references: { clients: 1, registrations: 0 }, sampledAt: plus(now, hours(1)) },
      'sampleClient, True Discovered, can 1',
    ],
    [
      'without clients has them looked for each minute, since the first wakes nobody',
      { discovery: comparing, sampledAt: minus(now, seconds(59)) },
      'wait, True Discovered, can 1, again in 1s',
    ],
    [
      'that takes no ServiceAccount tokens needs no audience',
      {
        issuer: anIssuer(withSpec({ federation: { method: 'None', assertionReuse: 'Reusable' } })),
        discovery,
        audienceInstalled: false,
      },
      'wait, True Discovered, can 1, again in 614s',
    ],
    [
      'is discovered again then',
      { discovery: { ...discovery, at: minus(now, minutes(11)) } },
      'discover, True Discovered, can 1',
    ],
    [
      'is discovered again when it changed',
      { issuer: anIssuer(withMetadata({ generation: 2 })), discovery },
      'discover, False Pending, can 0',
    ],
    [
      'after a restart stays what its status says',
      { issuer: anIssuer() },
      'discover, False Pending, can all',
    ],
    [
      'that is away stays what it was',
      { issuer: anIssuer(), attempt: failure },
      'wait, False IssuerUnavailable, can all, again in 1s',
    ],
    [
      'that is away is asked again',
      { attempt: { ...failure, at: minus(now, seconds(2)) } },
      'discover, False IssuerUnavailable, can 0',
    ],
    [
      'is not held back by a failure of its earlier form',
      { issuer: anIssuer(withMetadata({ generation: 2 })), attempt: failure },
      'discover, False Pending, can 0',
    ],
    [
      'with the identifier of an older one can do nothing',
      { holder: 'login', discovery },
      'wait, False IssuerIdentifierTaken, can 0',
    ],
    [
      'with the audience of the API server can do nothing',
      {
        issuer: anIssuer(
          withSpec({
            federation: {
              method: 'ClientAssertion',
              assertionReuse: 'Reusable',
              audience: 'https://kubernetes.default.svc',
            },
          }),
        ),
      },
      'wait, False AudienceReserved, can 0',
    ],
    [
      'that is to go stays usable while clients refer to it',
      { issuer: held, references: { clients: 2, registrations: 0 } },
      'discover, False IssuerGoing, can all',
    ],
    [
      'that is to go stays usable while a registration is left, though it is away',
      {
        issuer: held,
        references: { clients: 0, registrations: 1 },
        attempt: { ...failure, fingerprint: 'discover/2' },
      },
      'wait, False IssuerGoing, can all, again in 1s',
    ],
    ['that nobody refers to may go', { issuer: held }, 'removeFinalizer, False IssuerGoing, can all'],
    [
      'that others hold is forgotten',
      { issuer: going(['other']), hasDriver: true },
      'forget, tells nothing, can 0',
    ],
    ['that is gone is forgotten', { issuer: undefined, hasDriver: true }, 'forget, tells nothing, can 0'],
    ['that is forgotten is nothing to do', { issuer: undefined }, 'wait, tells nothing, can 0'],
  ])('%s', (_, facts, expected) => {
    expect(plan(facts)).toBe(expected);
  });

  it('that is to go says how many refer to it, not who', () => {
    const references = { clients: 3, registrations: 1 };
    const { conditions } = planIssuer(issuerFacts({ issuer: held, references }), now);
    expect(conditions[0]?.message).toBe(
      'it is being deleted, and stays for its OAuthClients (3) and other registrations there (1)',
    );
  });
});
