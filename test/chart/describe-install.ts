import { beforeAll, describe, expect, test, vi } from 'vitest';
import { type Reach, rights } from '../../src/cmd/rights.ts';
import { aBinding } from '../e2e/objects.ts';
import { claimsOf } from '../gen/claims-of.ts';
import { aPod } from '../node/pods.ts';
import { canIList, readCanIList } from '../rights/can-i.ts';
import { type ChartStage, home } from './use-chart.ts';
import { whatsThere } from './whats-there.ts';

const longest = 60_000;
const inHome = `--namespace=${home}`;

interface OurPod {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly nodeName: string };
}

/** The life of an install with no other values than a cluster needs: for volumes only. */
export function describeInstall(title: string, on: ChartStage): void {
  const onNode = (namespace: string, node: string): object => {
    const pod = aPod(namespace, node) as { readonly spec: object };
    return { ...pod, spec: { ...pod.spec, nodeName: node } };
  };
  const leader = (): Promise<string> =>
    on.kubectl([inHome, 'get', 'lease/grantor-controller', '--output=jsonpath={.spec.holderIdentity}']);
  const podsOf = async (component: string): Promise<OurPod[]> => {
    const selector = `--selector=app.kubernetes.io/component=${component}`;
    const list = await on.kubectl([inHome, 'get', 'pods', selector, '--output=json']);
    return (JSON.parse(list) as { items: OurPod[] }).items;
  };
  const clientID = (namespace: string): Promise<string> =>
    on.kubectl([
      `--namespace=${namespace}`,
      'get',
      'oauthclient/api',
      '--output=jsonpath={.status.clientID}',
    ]);
  const registrations = async (): Promise<number> =>
    (await on.issuer.audit()).filter(({ event }) => event === 'client.registered').length;
  let before: ReadonlySet<string>;

  describe(title, () => {
    beforeAll(async () => {
      before = await whatsThere(on.kubectl);
    });

    test('puts a first token into a volume on each node within a minute of helm install', async () => {
      const start = Date.now();
      await on.install();
      const installed = Date.now() - start;
      await on.tenant('first');
      await on.apply(...on.nodes.map((name) => onNode('first', name)));
      const pods = await on.ready('first', on.nodes.length);
      const took = Date.now() - start;
      const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
      console.log(
        `[chart] helm install ${seconds(installed)}, first token in a volume after ${seconds(took)}`,
      );
      for (const pod of pods)
        expect(claimsOf(await on.file('first', pod))).toMatchObject({ tenant_id: 'first' });
      expect(took).toBeLessThan(longest);
    }, 90_000);

    test('runs a plug-in on each node and controllers on two of them, of which another one leads when the leader is killed', async () => {
      const nodesOf = async (component: string): Promise<string[]> =>
        (await podsOf(component)).map(({ spec }) => spec.nodeName).sort();
      // Also on nodes that take no other pods.
      expect(await nodesOf('node')).toEqual(expect.arrayContaining([...on.nodes]));
      expect(await nodesOf('controller')).toEqual(on.nodes);
      const first = await leader();
      // Its host name is the pod's, or the node's where that network is shared.
      const pod = (await podsOf('controller')).find(({ metadata, spec }) =>
        [metadata.name, spec.nodeName].some((host) => first.startsWith(`${host}_`)),
      );
      await on.kubectl([inHome, 'delete', 'pod', pod!.metadata.name, '--force', '--grace-period=0']);
      await vi.waitFor(async () => expect(await leader()).not.toBe(first), {
        timeout: 40_000,
        interval: 250,
      });
      await on.tenant('second');
      await on.apply(onNode('second', on.nodes[0]!));
      const [after] = await on.ready('second');
      expect(claimsOf(await on.file('second', after!))).toMatchObject({ tenant_id: 'second' });
    });

    test.each<['controller' | 'node', string, Reach[]]>([
      ['controller', home, ['cluster', 'own']],
      ['controller', 'default', ['cluster']],
      ['node', home, ['cluster', 'own']],
      ['node', 'default', ['cluster']],
    ])('gives the %s in %s what it declares, and no more', async (name, namespace, reaches) => {
      const list = async (user: string): Promise<Set<string>> => {
        const options = [`--namespace=${namespace}`, `--as=system:serviceaccount:${user}`];
        return readCanIList(await on.kubectl(['auth', 'can-i', '--list', ...options]));
      };
      const given = await list(`${home}:grantor-${name}`);
      const declared = canIList(rights[name], new Set(reaches));
      expect(given).toEqual(new Set([...(await list('default:anybody')), ...declared]));
      const ofSecrets = [...given].filter((right) => / (secrets|serviceaccounts\/token)\b/.test(right));
      if (namespace !== home) expect(ofSecrets).toEqual([]);
    });

    test('refuses a binding with a Secret, and says which value of the chart allows it', async () => {
      await on.apply(aBinding('first', 'kept', { serviceAccountName: 'api', clientRef: { name: 'api' } }));
      const binding = ['--namespace=first', 'wait', 'workloadidentitybinding/kept', '--timeout=20s'];
      const reason = '{.status.conditions[?(@.type=="Ready")].reason}=SecretDeliveryNotInstalled';
      await on.kubectl([...binding, `--for=jsonpath=${reason}`]);
      const described = await on.kubectl(['--namespace=first', 'describe', 'workloadidentitybinding/kept']);
      expect(described).toContain('secretDelivery.namespaces');
    });

    test('leaves nothing when it is uninstalled but the kinds, what people wrote, and who is registered', async () => {
      const tokens = async (): Promise<string[]> =>
        Promise.all((await on.pods('first')).map((pod) => on.file('first', pod)));
      const had = await tokens();
      await on.uninstall();
      const left = [...(await whatsThere(on.kubectl))]
        .filter((object) => !before.has(object) && !/ (first|second)(\/|$)/.test(object))
        .map((object) => object.replace(/client-[0-9a-f-]{36}$/, 'client-UID'));
      // As docs/upgrade.md says.
      expect([...new Set(left)].sort()).toEqual([
        'APIService v1alpha1.grantor.dev',
        'ConfigMap grantor-system/kube-root-ca.crt',
        'ConfigMap grantor-system/quickstart-issuer',
        'CustomResourceDefinition oauthclients.grantor.dev',
        'CustomResourceDefinition oauthissuers.grantor.dev',
        'CustomResourceDefinition tenantscopes.grantor.dev',
        'CustomResourceDefinition workloadidentitybindings.grantor.dev',
        'Lease grantor-system/grantor-controller',
        'Namespace grantor-system',
        'OAuthIssuer main',
        'Secret grantor-system/client-UID',
        'Secret grantor-system/quickstart-issuer',
        'ServiceAccount grantor-system/default',
      ]);
      expect(await tokens()).toEqual(had);
    });

    test('takes everything up again when it is installed again, and registers nobody anew', async () => {
      const [registered, id] = [await registrations(), await clientID('first')];
      await on.install();
      await on.tenant('third');
      expect(await clientID('first')).toBe(id);
      expect(await registrations()).toBe(registered + 1);
    });
  });
}
