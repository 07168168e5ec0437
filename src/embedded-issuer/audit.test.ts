import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FakeCluster, startFakeCluster } from '../../test/embedded-issuer/fake-cluster.ts';
import {
  aRegistration,
  IssuerFixture,
  initialAccessToken,
} from '../../test/embedded-issuer/issuer-fixture.ts';

const clusterIssuer = 'https://cluster.example';
const subject = 'system:serviceaccount:acme:billing';

let issuer: IssuerFixture;
let cluster: FakeCluster;
beforeAll(async () => {
  issuer = await IssuerFixture.start(async (certificate) => {
    cluster = await startFakeCluster(clusterIssuer, certificate);
    return { trustedClusters: [cluster.trust] };
  });
});
afterAll(async () => {
  await issuer.stop();
  await cluster.close();
});

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe('the audit', () => {
  it('has one line for each thing that happened or was refused, and no secret', async () => {
    const secrets: string[] = [initialAccessToken];
    const workload = { issuer: clusterIssuer, subject, uid: 'u-1' };
    const metadata = aRegistration(
      { workload },
      { token_endpoint_auth_method: 'private_key_jwt', software_id: 'mark' },
    );
    await vi.waitFor(() =>
      expect(issuer.lines.splice(0)).toMatchObject([{ fields: { event: 'cluster.trusted' } }]),
    );
    const client = await issuer.register(metadata);
    const withSecret = await issuer.register(aRegistration());
    const assertion = await cluster.token({
      sub: subject,
      aud: issuer.running.url,
      'kubernetes.io': { serviceaccount: { uid: 'u-1' }, pod: { name: 'billing-7', uid: 'p-1' } },
    });
    const forged = await cluster.token({ sub: subject, aud: issuer.running.url }, 'forged');
    const login = (client_assertion: string, path: string, fields: Record<string, string>) =>
      issuer.form(
        path,
        { client_assertion_type: assertionType, client_assertion, ...fields },
        { 'x-request-id': `request-for-${path.slice(1)}` },
      );
    const grant = { grant_type: 'client_credentials' };
    const issued = await login(assertion, '/token', { ...grant, scope: 'invoices.read' });
    const token = String(issued.json['access_token']);
    await login(forged, '/token', grant);
    await login(assertion, '/token', { ...grant, scope: 'admin' });
    await login(assertion, '/revoke', { token });
    await issuer.token(withSecret, { client_secret: 'not-the-secret-but-secret-enough' });
    await issuer.send('POST', '/register', {
      authorization: `Bearer ${initialAccessToken}`,
      'content-type': 'application/json',
      body: 'this-is-not-json-but-secret-enough',
    });
    await issuer.manage('PUT', client, { ...metadata, client_id: client.json['client_id'] });
    await issuer.manage('DELETE', client, undefined, '/tokens');
    await issuer.manage('DELETE', client);
    secrets.push(
      assertion,
      forged,
      token,
      'not-the-secret-but-secret-enough',
      'this-is-not-json-but-secret-enough',
    );
    for (const { json } of [client, withSecret]) {
      secrets.push(String(json['registration_access_token']), String(json['client_secret']));
    }

    expect(issuer.lines.map(({ level, fields }) => `${level} ${String(fields['event'])}`)).toEqual([
      'info client.registered',
      'info client.registered',
      'info token.issued',
      'warn login.refused',
      'warn token.refused',
      'info token.revoked',
      'warn token.refused',
      'warn registration.refused',
      'info client.updated',
      'info tokens.revoked',
      'info client.deleted',
    ]);
    const [, , success, refusedLogin, refusedScope] = issuer.lines;
    expect(issuer.lines[7]?.fields).toMatchObject({ error_detail: 'not valid JSON' });
    expect(success?.fields).toMatchObject({
      grant_type: 'client_credentials',
      client_id: client.json['client_id'],
      software_id: 'mark',
      tenant_id: 'acme',
      subject,
      pod_uid: 'p-1',
      aud: 'https://api.acme.example',
      scope: 'invoices.read',
      jti: expect.any(String),
      expires_in: 600,
      request_id: 'request-for-token',
    });
    expect(refusedLogin?.fields).toMatchObject({
      error: 'invalid_client',
      error_detail: expect.stringContaining('signature'),
    });
    expect(refusedScope?.fields).toMatchObject({ error: 'invalid_scope', tenant_id: 'acme' });

    expect(issuer.lines[5]?.fields).toMatchObject({
      event: 'token.revoked',
      request_id: 'request-for-revoke',
    });
    expect(issuer.lines[6]?.fields['request_id']).toBeUndefined();

    const written = JSON.stringify(issuer.lines);
    for (const secret of secrets) {
      for (let at = 0; at + 16 <= secret.length; at += 8)
        expect(written).not.toContain(secret.slice(at, at + 16));
    }
  });
});
