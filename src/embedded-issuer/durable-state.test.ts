import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeCluster, startFakeCluster } from '../../test/embedded-issuer/fake-cluster.ts';
import { aRegistration, IssuerFixture } from '../../test/embedded-issuer/issuer-fixture.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { seconds } from '../std/duration.ts';
import { ArtifactStore } from './artifact-store.ts';
import { RevokedTokens } from './revoked-tokens.ts';
import { openStateFile } from './state-file.ts';

const clusterIssuer = 'https://cluster.example';

let issuer: IssuerFixture;
let cluster: FakeCluster;
beforeEach(async () => {
  issuer = await IssuerFixture.start(async (certificate) => {
    cluster = await startFakeCluster(clusterIssuer, certificate);
    return { trustedClusters: [cluster.trust] };
  });
});
afterEach(async () => {
  await issuer.stop();
  await cluster.close();
});

describe('a restart', () => {
  it('keeps keys, clients, registration access tokens and revocations', async () => {
    const client = await issuer.register(aRegistration());
    const [kept, revoked] = [await issuer.token(client), await issuer.token(client)].map(({ json }) =>
      String(json['access_token']),
    );
    await issuer.asClient('/revoke', client, { token: revoked! });
    const keys = (await issuer.send('GET', '/jwks')).text;

    await issuer.restart({ trustedClusters: [cluster.trust] });

    expect((await issuer.send('GET', '/jwks')).text).toBe(keys);
    expect([await issuer.isActive(client, kept!), await issuer.isActive(client, revoked!)]).toEqual([
      true,
      false,
    ]);
    expect((await issuer.manage('GET', client)).status).toBe(200);
    expect((await issuer.token(client)).status).toBe(200);

    await issuer.manage('DELETE', client, undefined, '/tokens');
    await issuer.restart({ trustedClusters: [cluster.trust] });
    expect(await issuer.isActive(client, kept!)).toBe(false);
  });

  it('keeps what belongs to a workload, though the key that stands in for its own is new', async () => {
    const workload = { issuer: clusterIssuer, subject: 'system:serviceaccount:acme:billing', uid: 'u-1' };
    await issuer.register(aRegistration({ workload }, { token_endpoint_auth_method: 'private_key_jwt' }));
    const assertion = await cluster.token({
      sub: workload.subject,
      aud: issuer.running.url,
      'kubernetes.io': { serviceaccount: { uid: workload.uid } },
    });
    const login = () =>
      issuer.form('/token', {
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      });
    expect((await login()).status).toBe(200);
    await issuer.restart({ trustedClusters: [cluster.trust] });
    expect((await login()).status).toBe(200);
  });
});

describe('the state file', () => {
  it('is for its owner alone and holds no registration access token', async () => {
    const file = join(issuer.directory, 'state.db');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { json } = await issuer.register(aRegistration());
    await issuer.running.stop();
    const db = openStateFile(file);
    const rows = JSON.stringify([
      db.prepare('SELECT * FROM artifacts').all(),
      db.prepare('SELECT * FROM clients').all(),
    ]);
    db.close();
    expect(rows).toContain(json['client_id']);
    expect(rows).not.toContain(json['registration_access_token']);
    await issuer.startIssuer();
  });

  it('is refused to a second issuer', async () => {
    await expect(issuer.startIssuer()).rejects.toMatchObject({ code: 'ISSUER_STATE' });
  });

  it.each([
    ['that is none', 'not a database, but long enough to be looked at'.repeat(20)],
    ['in a directory that is not there', undefined],
  ])('is refused %s', (_what, content) => {
    const file = join(issuer.directory, content === undefined ? 'missing/state.db' : 'other.db');
    if (content !== undefined) writeFileSync(file, content);
    expect(() => openStateFile(file)).toThrow(expect.objectContaining({ code: 'ISSUER_STATE' }));
  });

  it('is looked up by index for everything that a request asks', () => {
    const db = openStateFile(join(issuer.directory, 'plan.db'));
    const plan = (query: string) => JSON.stringify(db.prepare(`EXPLAIN QUERY PLAN ${query}`).all());
    const plans = [
      plan(`SELECT metadata FROM clients WHERE software_id = 'x'`),
      plan(`SELECT metadata FROM clients WHERE workload_issuer = 'x' AND workload_subject = 'y'`),
      plan(`SELECT payload FROM artifacts WHERE model = 'x' AND id = 'y'`),
      plan(`DELETE FROM artifacts WHERE client_id = 'x'`),
      plan(`DELETE FROM artifacts WHERE expires_at <= 1`),
      plan(`DELETE FROM revoked_tokens WHERE expires_at <= 1`),
    ];
    db.close();
    for (const text of plans) expect(text).toMatch(/SEARCH .* USING/);
  });
});

describe('what has expired', () => {
  it('is not found, may be added again, and is purged', async () => {
    const clock = new FakeClock();
    const db = openStateFile(join(issuer.directory, 'clock.db'));
    const artifacts = new ArtifactStore(db, clock);
    const count = () => Number(db.prepare('SELECT count(*) AS n FROM artifacts').get()?.['n']);
    expect(artifacts.add('ReplayDetection', 'a', { iss: 'x' }, 60)).toBe(true);
    expect(artifacts.add('ReplayDetection', 'a', { iss: 'x' }, 60)).toBe(false);
    expect(artifacts.find('ReplayDetection', 'a')).toEqual({ iss: 'x', jti: 'a' });
    await clock.advance(seconds(60));
    expect(artifacts.find('ReplayDetection', 'a')).toBeUndefined();
    expect(artifacts.add('ReplayDetection', 'a', { iss: 'y' }, 60)).toBe(true);
    artifacts.purge();
    expect(count()).toBe(1);
    await clock.advance(seconds(60));
    artifacts.purge();
    expect(count()).toBe(0);
    db.close();
  });

  it('of the revoked tokens is kept for as long as any token can live', async () => {
    const clock = new FakeClock();
    const db = openStateFile(join(issuer.directory, 'revoked.db'));
    const revoked = new RevokedTokens(db, clock);
    revoked.add('jti');
    await clock.advance(seconds(86_399));
    revoked.purge();
    expect(revoked.has('jti')).toBe(true);
    await clock.advance(seconds(1));
    revoked.purge();
    expect(revoked.has('jti')).toBe(false);
    db.close();
  });
});
