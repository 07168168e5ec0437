import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminClient, type KeycloakAdmin, keycloakAdmin } from '../issuers/keycloak-admin.ts';
import { ensureKeycloak } from '../issuers/keycloak-distribution.ts';
import { createRealm, type Realm } from '../issuers/realm.ts';
import { testKeycloak } from '../issuers/test-issuers.ts';
import { scriptOf, stepsOf } from './page-script.ts';
import { pageAt } from './pages.ts';

const cluster = 'https://kubernetes.default.svc';

describe.runIf(testKeycloak() !== undefined)('the commands of docs/keycloak.md', () => {
  const { url, caFile, tls } = testKeycloak()!;
  const dir = mkdtempSync(join(tmpdir(), 'grantor-kcadm-'));
  let admin: KeycloakAdmin;
  /** The realm that the end-to-end tests are run with. */
  let tested: Realm;

  beforeAll(async () => {
    admin = keycloakAdmin(url, caFile);
    tested = await createRealm({ url, caFile, tls }, { cluster });
    await admin.send('POST', '', { realm: 'prod', enabled: true });
    await runPage();
  }, 120_000);
  afterAll(async () => {
    await admin.send('DELETE', '/prod');
    await admin.close();
    await tested.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  /** With kcadm.sh logged in as an administrator, as it would be by hand. */
  async function runPage(): Promise<void> {
    const { directory, java } = await ensureKeycloak(() => {});
    const store = join(dir, 'truststore.p12');
    const keytool = ['-importcert', '-noprompt', '-alias', 'keycloak', '-file', caFile];
    execFileSync(
      java.program.replace(/java$/, 'keytool'),
      [...keytool, '-keystore', store, '-storepass', 'changeit'],
      { stdio: 'ignore' },
    );
    const kcadm = `exec '${directory}/bin/kcadm.sh' "$@" --config '${dir}/kcadm.config'`;
    writeFileSync(join(dir, 'kcadm.sh'), `#!/bin/sh\n${kcadm}\n`);
    chmodSync(join(dir, 'kcadm.sh'), 0o755);
    const login = `kcadm.sh config truststore --trustpass changeit '${store}'
kcadm.sh config credentials --server '${url}' --realm master --client ${adminClient.id} --secret '${adminClient.secret}'`;
    const steps = stepsOf(pageAt('docs/keycloak.md'));
    execFileSync('bash', ['-c', `${login}\n${scriptOf(steps, '::')}`], {
      // Seven short lives of a virtual machine.
      env: {
        ...process.env,
        KC_OPTS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
        PATH: `${dir}:${process.env['PATH']}`,
      },
      encoding: 'utf8',
    });
  }

  const both = async (path: string) =>
    Promise.all(
      ['prod', tested.name].map(async (realm) => (await admin.send('GET', `/${realm}/${path}`)).body),
    );

  test('make Keycloak trust the cluster as in the end-to-end tests', async () => {
    const [made, wanted] = (await both('identity-provider/instances/kubernetes')).map(
      ({ alias, providerId, enabled, config }) => ({ alias, providerId, enabled, issuer: config.issuer }),
    );
    expect(made).toEqual(wanted);
  });

  test('make the client of Grantor as in the end-to-end tests, with the one role', async () => {
    const clients = await both('clients?clientId=grantor');
    const [made, wanted] = clients.map(([client]) => ({
      authenticator: client.clientAuthenticatorType,
      subject: client.attributes['jwt.credential.sub'],
      issuer: client.attributes['jwt.credential.issuer'],
      flags: [
        client.publicClient,
        client.serviceAccountsEnabled,
        client.standardFlowEnabled,
        client.fullScopeAllowed,
      ],
    }));
    expect(made).toEqual(wanted);
    const { body: user } = await admin.send('GET', `/prod/clients/${clients[0][0].id}/service-account-user`);
    const { body: roles } = await admin.send('GET', `/prod/users/${user.id}/role-mappings`);
    const [management] = Object.values<{ mappings: { name: string }[] }>(roles.clientMappings);
    expect(management?.mappings.map(({ name }) => name)).toEqual(['manage-clients']);
  });

  test('give the realm a key for ES256, and allow two secrets', async () => {
    const { body: components } = await admin.send('GET', '/prod/components?name=es256');
    expect(components).toHaveLength(1);
    const [made, wanted] = await both('client-policies/policies');
    expect(made).toEqual(wanted);
  });
});
