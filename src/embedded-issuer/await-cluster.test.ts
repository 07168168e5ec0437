import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakeCluster, startFakeCluster } from '../../test/embedded-issuer/fake-cluster.ts';
import { type Answer, aRegistration, IssuerFixture } from '../../test/embedded-issuer/issuer-fixture.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { systemClock } from '../std/clock.ts';
import { seconds } from '../std/duration.ts';

const clusterIssuer = 'https://kubernetes.default.svc';
const subject = 'system:serviceaccount:acme-prod:billing';
const uid = '0f9d7a4c-0000-4000-8000-000000000001';

let cluster: FakeCluster;
let issuer: IssuerFixture;
let clock: FakeClock;

/** The issuer, before a cluster that answers so from the start; whoever names it expects it to be that one. */
const start = (answer: Parameters<FakeCluster['answer']>[0], name?: string) =>
  IssuerFixture.start(async (certificate) => {
    cluster = await startFakeCluster(clusterIssuer, certificate);
    cluster.answer(answer);
    const { discovery, ca } = cluster.trust;
    return { trustedClusters: [{ discovery, ca, ...(name === undefined ? {} : { issuer: name }) }], clock };
  });

beforeEach(() => {
  clock = new FakeClock(systemClock.now());
});
afterEach(async () => {
  await issuer.stop();
  await cluster.close();
});

const register = (workloadIssuer = clusterIssuer): Promise<Answer> =>
  issuer.register(
    aRegistration(
      { workload: { issuer: workloadIssuer, subject, uid } },
      { token_endpoint_auth_method: 'private_key_jwt' },
    ),
  );
const login = async (iss = clusterIssuer): Promise<Answer> =>
  issuer.form('/token', {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await cluster.token({
      ...{ iss, sub: subject, aud: [issuer.running.url] },
      'kubernetes.io': { namespace: 'acme-prod', serviceaccount: { name: 'billing', uid } },
    }),
  });
const told = (event: string) => issuer.lines.filter(({ fields }) => fields['event'] === event);
const untilTold = (event: string) => vi.waitFor(() => expect(told(event)).not.toEqual([]));
/** Lets seconds go by, each long enough for an answer. */
const pass = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n++) {
    await clock.advance(seconds(1));
    await setTimeout(25);
  }
};
const errorOf = ({ status, json }: Answer): unknown[] => [status, json['error']];

describe('a trusted cluster without a name', () => {
  it('is called what its discovery document says, and no token of another is taken', async () => {
    issuer = await start({});
    await untilTold('cluster.trusted');
    expect((await register()).status).toBe(201);
    expect((await login()).status).toBe(200);
    expect(errorOf(await login('https://other.example'))).toEqual([401, 'invalid_client']);
    expect(errorOf(await register('https://other.example'))).toEqual([400, 'invalid_client_metadata']);
  });

  it('that does not answer has whoever comes for it come again, until it does; that is told once', async () => {
    issuer = await start({ status: 500 });
    await untilTold('cluster.unknown');
    expect(errorOf(await register())).toEqual([400, 'temporarily_unavailable']);
    expect(errorOf(await login())).toEqual([503, 'temporarily_unavailable']);
    const { json } = await issuer.send('GET', '/.well-known/openid-configuration');
    expect(json['grantor_workload_federation_supported']).toBe(true);
    await pass(12);
    cluster.answer({ status: 200 });
    await pass(12);
    expect(told('cluster.trusted')).toHaveLength(1);
    expect(told('cluster.unknown')).toHaveLength(1);
    expect((await register()).status).toBe(201);
    expect((await login()).status).toBe(200);
  });

  it('that does not answer keeps no other client from its tokens', async () => {
    issuer = await start({ status: 500 });
    const client = await issuer.register(aRegistration());
    expect((await issuer.token(client)).status).toBe(200);
  });

  it('is called so for good: keys of another are not taken', async () => {
    issuer = await start({});
    await untilTold('cluster.trusted');
    await register();
    cluster.answer({ issuer: 'https://other.example' });
    expect(errorOf(await login())).toEqual([503, 'temporarily_unavailable']);
    expect(errorOf(await login('https://other.example'))).toEqual([401, 'invalid_client']);
  });

  it.each([undefined, 7, '', 'a b', ':443'])('is not trusted while it calls itself %j', async (name) => {
    issuer = await start({ issuer: name as string });
    await untilTold('cluster.unknown');
    expect(told('cluster.unknown')[0]?.fields['error_detail']).toMatch(/does not say who signs the tokens/);
    expect(errorOf(await login())).toEqual([503, 'temporarily_unavailable']);
  });
});

it('a trusted cluster that says that it is another is told of from the start, with both names', async () => {
  issuer = await start({}, 'https://kubernetes.default.svc.cluster.local');
  await untilTold('cluster.unknown');
  expect(told('cluster.unknown')[0]?.fields['error_detail']).toMatch(
    /of https:\/\/kubernetes\.default\.svc, as .* says, and not of https:\/\/kubernetes\.default\.svc\.cluster\.local$/,
  );
});
