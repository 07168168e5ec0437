import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { aServiceAccountToken, FakeIssuerDriver } from '../../../test/fakes/fake-issuer-driver.ts';
import { FakeRng } from '../../../test/fakes/fake-rng.ts';
import { recordingLog } from '../../../test/fakes/recording-log.ts';
import { aGrant, now } from '../../../test/gen/facts.ts';
import { aBinding, aClient, anIssuer } from '../../../test/gen/objects.ts';
import { desiredClient } from '../../domain/desired-client.ts';
import { requestToken } from '../../issuance/request-token.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import { minutes, seconds } from '../../std/duration.ts';
import { plus } from '../../std/instant.ts';
import { ok } from '../../std/result.ts';
import type { Environment } from '../environment.ts';
import { orderToken } from './order-token.ts';
import { ServiceAccountTokens } from './service-account-tokens.ts';

const { signal } = new AbortController();
const call = { signal, correlationID: 'c', tenantID: 'acme' };
const context = { ...call, log: recordingLog(), catchUp() {}, mayLinger: () => true };
const workload = { issuer: 'https://kubernetes.default.svc', subject: 'system:serviceaccount:a:b', uid: 'u' };

/** A workload that logs in with its ServiceAccount token, at an issuer in memory. */
async function setUp() {
  const clock = new FakeClock(now);
  const driver = new FakeIssuerDriver({ issuer: 'https://login.example', clock, rng: new FakeRng() });
  const authentication = { method: 'Federated', by: 'ClientAssertion', workload } as const;
  const registered = await driver.register(
    desiredClient(aClient(), {
      mark: 'grantor:cluster-1:acme-prod:billing:uid-billing',
      tenantID: 'acme',
      accessTokenLifetime: minutes(10),
      authentication,
    }),
    call,
  );
  if (!registered.ok) throw new Error(registered.error.detail);
  let keyID = 'first';
  const made: string[] = [];
  const environment = {
    serviceAccountTokens: new ServiceAccountTokens(async () => {
      const token = aServiceAccountToken(workload, { jti: `token ${made.length}` });
      made.push(keyID);
      return ok({ token, expiresAt: plus(clock.now(), minutes(10)), keyID });
    }, clock),
    world: { registrations: { store: { byIndex: () => [] } } },
    issuers: { driver: async () => ok(driver) },
    clock,
    audit: () => {},
  } as unknown as Environment;
  const ask = async () => {
    const order = await orderToken(
      environment,
      aGrant({ clientID: registered.value.clientID, method: 'Federated' }),
      { binding: aBinding(), client: aClient(), issuer: anIssuer() },
      () => undefined,
      context,
    );
    return order.ok ? requestToken(environment, order.value, undefined) : order;
  };
  const asked = () => driver.calls.filter(({ operation }) => operation === 'requestToken').length;
  return { clock, driver, made, ask, asked, rotate: () => (keyID = 'second') };
}

const known: IssuerFailure = { kind: 'rejected', oauthError: 'jti_known', detail: 'seen before' };
const refused: IssuerFailure = { kind: 'unauthorized', oauthError: 'invalid_token', detail: 'no' };

describe('a ServiceAccount token that the issuer refuses', () => {
  it.each([
    ['because it knows its jti', known],
    ['without a word of why, after it was shown before', refused],
  ])('regression 14: %s, is replaced by a new one, once', async (_, failure) => {
    const { driver, made, ask, asked } = await setUp();
    expect(await ask()).toMatchObject({ ok: true });
    driver.fail('requestToken', failure);
    expect(await ask()).toMatchObject({ ok: true });
    expect([made.length, asked()]).toEqual([2, 3]);
    driver.fail('requestToken', failure, 5);
    expect(await ask()).toMatchObject({ ok: false });
    expect([made.length, asked()]).toEqual([3, 5]);
  });

  it('though it is new, is not replaced before the next try', async () => {
    const { driver, made, ask, asked } = await setUp();
    driver.fail('requestToken', refused);
    expect(await ask()).toMatchObject({ ok: false, error: { retry: 'slow' } });
    expect([made.length, asked()]).toEqual([1, 1]);
  });

  it('after the key of the cluster was rotated, is tried again soon: the issuer is about to fetch the key', async () => {
    const { clock, driver, ask, rotate } = await setUp();
    await ask();
    await clock.advance(minutes(9));
    rotate();
    driver.fail('requestToken', refused, 2);
    expect(await ask()).toMatchObject({ ok: false, error: { retry: 'soon' } });
    await clock.advance(seconds(90));
    expect(await ask()).toMatchObject({ ok: false, error: { retry: 'slow' } });
  });
});
