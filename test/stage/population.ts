import { tenantScopeKind } from '../../src/api/tenant-scope.ts';
import { workloadIdentityBindingKind } from '../../src/api/workload-identity-binding.ts';
import type { CallOptions, KubeClient, ListOptions } from '../../src/kube/kube-client.ts';
import type { KubeFailure } from '../../src/kube/kube-failure.ts';
import type { Condition, JsonObject, KubeObject, Stored } from '../../src/kube/objects.ts';
import type { ResourceKind } from '../../src/kube/resource-path.ts';
import type { Result } from '../../src/std/result.ts';
import { aBinding, aTenant, aWorkload, secretKind } from '../e2e/objects.ts';
import type { Report } from '../provision/progress.ts';
import { inFlight } from './in-flight.ts';
import { applyManifests } from './manifests.ts';
import type { Stage } from './stage.ts';

/** Many bindings with their tokens, spread evenly over the clients of some tenants. */
export interface Population {
  /** Of the tenants' names, which are those of their namespaces: `name-0` and so on. */
  readonly name: string;
  /** The OAuthIssuer of all clients. With the `static` driver, clients need ids. */
  readonly issuer: string;
  readonly withClientIDs: boolean;
  readonly tenants: number;
  /** Of each tenant. */
  readonly clients: number;
  /** Of each token, as clients ask for it and tenants allow it: `24h`. */
  readonly lifetime: string;
}

type Binding = KubeObject & {
  readonly spec: { readonly clientRef: { readonly name: string } };
  readonly status?: { readonly conditions?: readonly Condition[] } & JsonObject;
};

const concurrency = 32;

const namespacesOf = ({ name, tenants }: Population): string[] =>
  Array.from({ length: tenants }, (_, n) => `${name}-${n}`);

const clientsOf = ({ clients }: Population): string[] => Array.from({ length: clients }, (_, n) => `c${n}`);

/** Applies the tenants with all their clients, each with a ServiceAccount and one binding. A controller makes them ready. */
export async function foundPopulation(kube: KubeClient, population: Population): Promise<void> {
  const { issuer, lifetime, withClientIDs } = population;
  await inFlight(concurrency, namespacesOf(population), async (tenant) => {
    await applyManifests(kube, aTenant(tenant, { issuers: [issuer], tokens: { maxLifetime: lifetime } }));
    for (const name of clientsOf(population)) {
      const client = {
        issuerRef: { name: issuer },
        accessTokenLifetime: lifetime,
        // An issuer that does not know them could not give them.
        roles: [],
        ...(withClientIDs ? { clientID: `${tenant}-${name}` } : {}),
      };
      await applyManifests(kube, aWorkload(tenant, name, { client }));
    }
  });
}

/** Waits until every binding is ready. */
export async function populationReady(
  kube: KubeClient,
  population: Population,
  within = 60_000,
): Promise<void> {
  const giveUp = Date.now() + within;
  for (;;) {
    const bindings = (await listBindings(kube, population)).filter((binding) => !isReady(binding));
    const [waiting] = bindings;
    if (waiting === undefined) return;
    if (Date.now() > giveUp) {
      const { metadata, status } = waiting;
      const why = status?.conditions?.find(({ type }) => type === 'Ready')?.message;
      throw new Error(
        `${bindings.length} bindings are not ready: ${metadata.namespace}/${metadata.name}: ${why}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/**
 * Copies bindings, each with a status and a token Secret of its own, as if they had been there for a while, until there are
 * `bindings` of them. Whoever starts next finds nothing to do for them. No controller may run meanwhile.
 */
export async function growPopulation(
  stage: Pick<Stage, 'kube' | 'asController'>,
  population: Population,
  bindings: number,
  report: Report,
): Promise<void> {
  const { kube } = stage;
  const templates = (await listBindings(kube, population)).filter(isTemplate);
  const secrets = new Map<string, Stored>();
  for (const { metadata } of templates) {
    const at = {
      name: `${metadata.name}-token`,
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
    };
    secrets.set(`${metadata.namespace}/${metadata.name}`, await done(kube.get(secretKind, at)));
  }
  const present = (await listBindings(kube, population)).length;
  const copies = Array.from(
    { length: Math.max(0, bindings - present) },
    (_, n) => present - templates.length + n,
  );
  let made = 0;
  await inFlight(concurrency, copies, async (n) => {
    const template = templates[n % templates.length];
    const token = secrets.get(`${template?.metadata.namespace}/${template?.metadata.name}`);
    if (template === undefined || token === undefined)
      throw new Error('the population has no bindings to copy');
    await copyBinding(stage, template, token, `${template.metadata.name}-copy-${n}`);
    made++;
    if (made % 2000 === 0) report(`${present + made} of ${bindings} bindings are there`);
  });
  await tellCounts(stage, population);
}

/** All bindings of a population. */
export async function listBindings(kube: KubeClient, population: Population): Promise<Stored<Binding>[]> {
  const all = await Promise.all(
    namespacesOf(population).map((namespace) =>
      listAll<Binding>(kube, workloadIdentityBindingKind, { namespace }),
    ),
  );
  return all.flat();
}

const isTemplate = ({ metadata, spec }: Binding): boolean => metadata.name === spec.clientRef.name;

const isReady = ({ status }: Binding): boolean =>
  status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';

async function copyBinding(
  { kube, asController }: Pick<Stage, 'kube' | 'asController'>,
  { metadata: { namespace = '', name: client }, status = {} }: Stored<Binding>,
  token: Stored,
  name: string,
): Promise<void> {
  const binding = aBinding(namespace, name, { serviceAccountName: client, clientRef: { name: client } });
  const created = await done(kube.create(workloadIdentityBindingKind, binding));
  const renamed = JSON.parse(
    JSON.stringify(status).replaceAll(`${client}-token`, `${name}-token`),
  ) as JsonObject;
  await done(asController.applyStatus(workloadIdentityBindingKind, created.metadata, renamed));
  const { labels = {}, ownerReferences = [] } = token.metadata;
  const owner = `${workloadIdentityBindingKind.kind}/${name}/${created.metadata.uid}`;
  const annotations = { ...token.metadata.annotations, 'grantor.dev/owner': owner };
  const owners = ownerReferences.map((owner) => ({ ...owner, name, uid: created.metadata.uid }));
  const metadata = { namespace, name: `${name}-token`, labels, annotations, ownerReferences: owners };
  // By the hand of the controller: what another wrote it takes away.
  await done(asController.create(secretKind, { ...token, metadata }));
}

/** The counts in the status of each TenantScope, as they will be found to be. */
async function tellCounts(
  { kube, asController }: Pick<Stage, 'kube' | 'asController'>,
  population: Population,
): Promise<void> {
  const bindings = await listBindings(kube, population);
  for (const tenant of namespacesOf(population)) {
    const { metadata, status = {} } = await done(
      kube.get<KubeObject & { readonly status?: JsonObject }>(tenantScopeKind, { name: tenant }),
    );
    const count = bindings.filter(({ metadata: { namespace } }) => namespace === tenant).length;
    const counts = { namespaces: 1, clients: population.clients, bindings: count };
    await done(asController.applyStatus(tenantScopeKind, metadata, { ...status, ...counts }));
  }
}

async function listAll<T extends KubeObject>(
  kube: KubeClient,
  kind: ResourceKind,
  options: ListOptions & CallOptions,
): Promise<Stored<T>[]> {
  const all: Stored<T>[] = [];
  for await (const page of kube.list<T>(kind, options))
    all.push(...(await done(Promise.resolve(page))).items);
  return all;
}

async function done<T>(answer: Promise<Result<T, KubeFailure>>): Promise<T> {
  const result = await answer;
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
