import { beforeAll, describe, expect, test } from 'vitest';
import { tenantScopeKind } from '../../src/api/tenant-scope.ts';
import { type Kubectl, kubectlOf } from '../cluster/kubectl.ts';
import { look } from './look.ts';
import { anIssuer, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

const tenant = 'told';

describe.runIf(onOwnControlPlane())('kubectl describe', () => {
  const stage = useStage();
  const see = look(stage);
  let kubectl: Kubectl;
  /** The events of an object as an admin sees them: `Normal Registered … as c-1`. */
  const events = async (...object: string[]): Promise<string> =>
    (await kubectl(['describe', ...object])).split('\nEvents:')[1] ?? '';

  beforeAll(async () => {
    kubectl = kubectlOf(stage.controlPlane);
    await stage.apply([
      anIssuer({ url: stage.issuerURL }),
      ...aTenant(tenant),
      ...aWorkload(tenant, 'web'),
      ...aWorkload(tenant, 'admin', { client: { scopes: ['admin'] } }),
    ]);
    await see.until('binding', `${tenant}/web`, 'True');
    await see.until('client', `${tenant}/admin`, 'False');
  });

  test('shows what was made, and where', async () => {
    const id = await see.clientID(`${tenant}/web`);
    const of = (kind: string) => () => events(kind, 'web', `--namespace=${tenant}`);
    await expect.poll(of('oauthclient')).toMatch(new RegExp(`Normal +Registered .*as ${id}`));
    await expect.poll(of('workloadidentitybinding')).toMatch(/Normal +SecretWritten .*in Secret web-token/);
  });

  test('shows why something is refused', async () => {
    await expect
      .poll(() => events('oauthclient', 'admin', `--namespace=${tenant}`))
      .toMatch(/Warning +ScopeNotAllowed .*TenantScope told does not allow admin/);
  });

  test('shows what happens to the whole cluster, and counts what happens again', async () => {
    await expect
      .poll(() => events('oauthissuer', 'main'))
      .toMatch(/Normal +Discovered .*grantor\.dev\/controller/);
    for (const [suspend, until] of [
      [true, 'False Suspended'],
      [false, 'True Resolved'],
      [true, 'False Suspended'],
      [false, 'True Resolved'],
    ] as const) {
      await stage.apply(
        aTenant(tenant, { spec: { suspend } }).filter(({ kind }) => kind === tenantScopeKind.kind),
      );
      await see.until('tenant', tenant, until);
    }
    await expect
      .poll(() => events('tenantscope', tenant))
      .toMatch(/Warning +Suspended +\S+ \(x2 over \S+\) .*spec\.suspend is true/);
  });
});
