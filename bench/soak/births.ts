import type { KubeClient } from '../../src/kube/kube-client.ts';
import { aBinding, aClient, anIssuer, aServiceAccount, aTenant } from '../../test/e2e/objects.ts';
import { inFlight } from '../../test/stage/in-flight.ts';
import { applyManifests } from '../../test/stage/manifests.ts';

/** Of each token, in seconds. */
export const tokenLife = 120;
/** What the controller may send to the embedded issuer, which takes about as much on two cores. */
const limits = { requestsPerSecond: 200, burst: 200, concurrency: 32 };

const [tenants, clients, bindings] = [20, 5, 10];
export const population = tenants * clients * bindings;

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** Applies tenants, clients and bindings as fast as the API server takes them. */
export async function giveBirth(kube: KubeClient, issuerURL: string): Promise<void> {
  const namespaces = upTo(tenants).map((n) => `soak-${n}`);
  await applyManifests(kube, [anIssuer({ url: issuerURL, spec: { limits: { controller: limits } } })]);
  await inFlight(32, namespaces, async (namespace) => {
    await applyManifests(kube, aTenant(namespace));
    for (const client of upTo(clients).map((n) => `c${n}`)) {
      const lifetime = { accessTokenLifetime: `${tokenLife}s` };
      await applyManifests(kube, [aServiceAccount(namespace, client), aClient(namespace, client, lifetime)]);
    }
  });
  const born = namespaces.flatMap((namespace) =>
    upTo(clients * bindings).map((n) => {
      const client = `c${n % clients}`;
      const name = `${client}-b${Math.floor(n / clients)}`;
      return aBinding(namespace, name, { serviceAccountName: client, clientRef: { name: client } });
    }),
  );
  await inFlight(32, born, async (binding) => {
    await applyManifests(kube, [binding]);
  });
}
