import { beforeAll, describe, expect, test } from 'vitest';
import { type Reach, rights } from '../../src/cmd/rights.ts';
import { minutes } from '../../src/std/duration.ts';
import { readAudit, selectRequests } from '../cluster/audit-log.ts';
import { kubectlOf } from '../cluster/kubectl.ts';
import { ownControlPlane } from '../faults/use-fault-stage.ts';
import { canIList, readCanIList } from '../rights/can-i.ts';
import { applyManifests } from '../stage/manifests.ts';
import { bindingIn } from '../stage/secret-delivery.ts';
import { controllerUser } from '../stage/stage.ts';
import { look } from './look.ts';
import {
  aClient,
  anIssuer,
  aSecret,
  aTenant,
  aWorkload,
  forVolumes,
  secretKind,
  serviceAccountKind,
} from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

const withSecret = { authentication: { secret: { secretRef: { name: 'credentials' } } } };
const howToAllow = /^False SecretDeliveryNotInstalled: .*chart's value secretDelivery.namespaces/;

// One cluster through the modes that a chart can be installed in: volumes only, then Secrets in one namespace, then volumes only again.
describe.runIf(onOwnControlPlane())('Secret delivery', () => {
  const stage = useStage({ controller: false, cluster: ownControlPlane, secretDelivery: false });
  const see = look(stage);

  /** Starts the controller anew, for Secrets in these namespaces. */
  const upgrade = async (namespaces: string): Promise<void> => {
    await stage.programs.find((program) => program.running && program !== stage.issuer)?.end();
    await stage.startController({ args: [`--secret-namespaces=${namespaces}`] });
  };
  /** What `kubectl auth can-i --list` prints for the controller, and what it has to. */
  const rightsIn = async (namespace: string, ...reaches: Reach[]) => {
    const kubectl = kubectlOf(stage.controlPlane);
    const list = async (user: string) =>
      readCanIList(await kubectl(['auth', 'can-i', '--list', `--namespace=${namespace}`, `--as=${user}`]));
    const anybody = await list('system:serviceaccount:default:anybody');
    const declared = canIList(rights.controller, new Set(reaches));
    return { has: await list(controllerUser), declared: new Set([...anybody, ...declared]) };
  };
  /** Where outside its own namespace the controller asked the API server for something about Secrets or ServiceAccount tokens. */
  const askedIn = (): string[] => {
    const { events } = readAudit(stage.controlPlane.auditLog);
    const asked = selectRequests(events, { user: controllerUser }).filter(
      ({ resource, subresource, userAgent, namespace }) =>
        (resource === 'secrets' || subresource === 'token') &&
        namespace !== 'grantor-system' &&
        userAgent !== 'grantor-stage',
    );
    return [...new Set(asked.map(({ namespace }) => namespace || 'everywhere'))];
  };

  beforeAll(async () => {
    await applyManifests(stage.kube, [anIssuer({ url: stage.issuerURL })]);
    for (const tenant of ['billing', 'shop']) await stage.apply(aTenant(tenant));
    await upgrade('');
  });

  describe('nowhere', () => {
    test('gives the controller no right on Secrets but in its own namespace, nor on ServiceAccount tokens', async () => {
      const own = await rightsIn('grantor-system', 'cluster', 'own');
      expect(own.has).toEqual(own.declared);
      const tenants = await rightsIn('shop', 'cluster');
      expect(tenants.has).toEqual(tenants.declared);
      expect([...tenants.has].filter((right) => /secrets|serviceaccounts\/token/.test(right))).toEqual([]);
    });

    test('has bindings for volumes granted, and refuses what would lie in a Secret, with the value of the chart that would allow it', async () => {
      await stage.apply(aWorkload('shop', 'api', { binding: forVolumes }));
      for (const tenant of ['billing', 'shop'])
        await stage.apply([...aWorkload(tenant, 'web'), aClient(tenant, 'batch', withSecret)]);
      await see.until('binding', 'shop/api', 'True Ready');
      await see.until('binding', 'shop/web', howToAllow);
      await see.until('client', 'shop/batch', howToAllow);
      expect(await see.clientID('shop/batch')).toBeUndefined();
      expect(askedIn()).toEqual([]);
    });

    test('leaves nothing of tenants to whoever has stolen the identity of the controller', async () => {
      const { asController, kube } = stage;
      await applyManifests(kube, [aSecret('shop', 'password')]);
      const account = await kube.get(serviceAccountKind, { namespace: 'shop', name: 'api' });
      if (!account.ok) throw new Error(account.error.message);
      const { uid } = account.value.metadata;
      const wish = { uid, audiences: [stage.issuerURL], expiration: minutes(10) };
      const answers = [
        await asController.get(secretKind, { namespace: 'shop', name: 'password' }),
        (await asController.list(secretKind, { namespace: 'shop' }).next()).value,
        await asController.create(secretKind, { ...aSecret('shop', 'forged'), type: 'grantor.dev/token' }),
        await asController.requestToken({ namespace: 'shop', name: 'api' }, wish),
        await asController.requestToken({ namespace: 'grantor-system', name: 'grantor-issuer' }, wish),
      ];
      for (const answer of answers) expect(answer).toMatchObject({ ok: false, error: { kind: 'forbidden' } });
    });
  });

  describe('in one namespace', () => {
    beforeAll(async () => {
      await applyManifests(stage.kube, [bindingIn('billing')]);
      await upgrade('billing');
    });

    test('is there, and only there', async () => {
      await see.until('binding', 'billing/web', 'True Ready');
      await see.until('client', 'billing/batch', 'True Ready');
      expect(Object.keys((await see.content('billing/web-token')) ?? {})).toContain('token');
      await see.until('binding', 'shop/web', howToAllow);
      await see.until('client', 'shop/batch', howToAllow);
      expect(askedIn()).toEqual(['billing']);
      const { has, declared } = await rightsIn('billing', 'cluster', 'delivery');
      expect(has).toEqual(declared);
    });

    test('goes on after a restart with the tokens that are there', async () => {
      const { metadata } = (await see.secret('billing/web-token'))!;
      await upgrade('billing');
      await stage.apply(aWorkload('billing', 'later'));
      await see.until('binding', 'billing/later', 'True Ready');
      expect((await see.secret('billing/web-token'))?.metadata).toEqual(metadata);
    });
  });

  describe('in a namespace that is taken off the list', () => {
    test('ends with what was granted; the Secret stays, and the status says so', async () => {
      await upgrade('');
      const left = /^Unknown SecretDeliveryNotInstalled: .*may be left in Secret web-token/;
      await see.until('binding', 'billing/web', left, { type: 'Delivered' });
      await see.until('client', 'billing/batch', /may be left in Secret credentials/, {
        type: 'CredentialsReady',
      });
      const { status } = await see.object('binding', 'billing/web');
      expect(status?.withdrawal).toMatchObject({
        reason: 'SecretDeliveryNotInstalled',
        revocation: 'Unconfirmed',
      });
      expect(await see.secret('billing/web-token')).toBeDefined();
    });

    test('goes on where it was when that is listed again', async () => {
      const id = await see.clientID('billing/batch');
      await upgrade('billing');
      await see.until('binding', 'billing/web', 'True Ready');
      await see.until('client', 'billing/batch', 'True Ready');
      expect(await see.clientID('billing/batch')).toBe(id);
    });
  });
});
