import { expect, it } from 'vitest';
import { aCluster } from '../../test/gen/a-cluster.ts';
import {
  aBinding,
  aClient,
  aTenantScope,
  ofTenant,
  withMetadata,
  withSpec,
  withStatus,
} from '../../test/gen/objects.ts';
import { whileRunning } from '../../test/gen/while-running.ts';
import type { KubeObject } from '../kube/objects.ts';

/** A tenant with a namespace, a ServiceAccount and a client, all of its name. */
const tenant = (name: string): KubeObject[] => [
  aTenantScope(ofTenant(name)),
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { tenant: name } } },
  {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { namespace: name, name: 'billing', uid: `uid-sa-${name}` },
  },
  aClient(withMetadata({ namespace: name, uid: `uid-client-${name}`, finalizers: [] }), withStatus({})),
];

const bindings = (namespace: string, many: number): KubeObject[] =>
  Array.from({ length: many }, (_, n) =>
    aBinding(
      withMetadata({ namespace, name: `b${n}`, uid: `uid-${namespace}-${n}` }),
      withSpec({ delivery: { secretRef: { name: `token-${n}` } } }),
    ),
  );

it('a suspended tenant loses its Secrets while more tokens than there are workers are asked of an issuer that hangs', async () => {
  const cluster = aCluster(...tenant('acme'), ...tenant('beta'), ...bindings('acme', 50));
  const tokensOf = (namespace: string): number =>
    [...cluster.kube.objects.values()].filter(
      ({ metadata, type }: KubeObject & { readonly type?: string }) =>
        type === 'grantor.dev/token' && metadata.namespace === namespace,
    ).length;
  const requestToken = cluster.driver.requestToken.bind(cluster.driver);
  await whileRunning(
    cluster,
    () => {
      expect(tokensOf('acme')).toBe(50);
      cluster.driver.requestToken = (_, { signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
      for (const binding of bindings('beta', 100)) cluster.put(binding);
    },
    () => {
      cluster.put(aTenantScope(withMetadata({ generation: 2 }), withSpec({ suspend: true })));
    },
    () => {
      expect(tokensOf('acme')).toBe(0);
      cluster.driver.requestToken = requestToken;
    },
    ...Array.from({ length: 6 }, () => () => undefined),
  );
  expect(tokensOf('beta')).toBe(100);
});
