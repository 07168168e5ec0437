import type { OAuthClient } from '../../api/oauth-client.ts';
import { tenantScopeKind } from '../../api/tenant-scope.ts';
import { authenticationMethod } from '../../domain/authentication-method.ts';
import { selectsNamespace } from '../../domain/tenancy.ts';
import type { ObjectMeta } from '../../kube/objects.ts';
import type { Instant } from '../../std/instant.ts';
import type { Deliveries } from '../deliveries.ts';
import { healthOf } from '../health.ts';
import type { Survey } from '../survey.ts';
import { bindingNode } from './binding-node.ts';
import type { TreeNode } from './tree-node.ts';

export interface TreeInput {
  readonly survey: Survey;
  readonly deliveries: Deliveries;
  /** For clients that say no tenant; empty where namespaces are hidden. */
  readonly namespaces: readonly Pick<ObjectMeta, 'name' | 'labels'>[];
  /** Whether issuers and tenants are shown that nothing hangs on. */
  readonly whole: boolean;
  readonly now: Instant;
}

/** Issuers, at each its tenants, of each its clients, of each its bindings. A binding without a client is a root of its own. */
export function buildTree(input: TreeInput): TreeNode[] {
  const { survey, deliveries, now, whole } = input;
  const issuers = namesOf([
    ...(whole ? survey.issuers.map(({ metadata }) => metadata.name) : []),
    ...survey.clients.map(({ spec }) => spec.issuerRef.name),
  ]);
  const hasClient = new Set(survey.clients.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  const lost = survey.bindings.filter(
    ({ metadata, spec }) => !hasClient.has(`${metadata.namespace}/${spec.clientRef.name}`),
  );
  return [
    ...issuers.map((name) => issuerNode(name, input)),
    ...lost.map((binding) => bindingNode(binding, deliveries, now)),
  ];
}

const namesOf = (names: readonly string[]): string[] => [...new Set(names)].sort();

function issuerNode(name: string, input: TreeInput): TreeNode {
  const { survey, whole, now } = input;
  const issuer = survey.issuers.find(({ metadata }) => metadata.name === name);
  const clients = survey.clients.filter(({ spec }) => spec.issuerRef.name === name);
  const byTenant = Map.groupBy(clients, (client) => tenantNameOf(client, input) ?? '');
  const allowed = survey.scopes.filter(({ spec }) => spec.issuerRefs.some((ref) => ref.name === name));
  const tenants = namesOf([
    ...(whole ? allowed.map(({ metadata }) => metadata.name) : []),
    ...byTenant.keys(),
  ]);
  return {
    kind: 'OAuthIssuer',
    name,
    ...(issuer && healthOf(issuer, now)),
    detail: issuer?.spec.issuer ?? unseen(survey, 'oauthissuers'),
    children: tenants.map((tenant) => tenantNode(tenant, byTenant.get(tenant) ?? [], input)),
  };
}

function tenantNode(name: string, clients: readonly OAuthClient[], input: TreeInput): TreeNode {
  const { survey, now } = input;
  const scope = survey.scopes.find(({ metadata }) => metadata.name === name);
  return {
    kind: 'TenantScope',
    name: name === '' ? '?' : name,
    ...(scope && healthOf(scope, now)),
    detail: scope ? `tenant ${scope.spec.tenantID}` : unknownTenant(name, survey),
    children: clients.map((client) => clientNode(client, input)),
  };
}

const isHidden = ({ hidden }: Survey, plural: string): boolean =>
  hidden.some(({ message }) => message.includes(plural));

const unseen = (survey: Survey, plural: string): string =>
  isHidden(survey, plural) ? 'not visible to you' : 'there is no such object';

/** A client that is refused names no tenant, so that only who may read all of them can tell. */
const unknownTenant = (name: string, survey: Survey): string => {
  const { plural } = tenantScopeKind;
  if (name !== '') return unseen(survey, plural);
  return isHidden(survey, plural)
    ? 'you may not read TenantScopes'
    : 'of no tenant, or of one that is not known';
};

function clientNode(client: OAuthClient, { survey, deliveries, now }: TreeInput): TreeNode {
  const { metadata, spec, status } = client;
  const { state, reason } = healthOf(client, now);
  const method = authenticationMethod(spec.authentication);
  return {
    kind: client.kind,
    namespace: metadata.namespace,
    name: metadata.name,
    state,
    reason,
    detail: `${method}${status?.clientID === undefined ? '' : `, client id ${status.clientID}`}`,
    children: survey.bindings
      .filter(
        (binding) =>
          binding.metadata.namespace === metadata.namespace && binding.spec.clientRef.name === metadata.name,
      )
      .map((binding) => bindingNode(binding, deliveries, now)),
  };
}

/** The TenantScope of a client: what its status says, or else what selects its namespace. */
function tenantNameOf(
  { metadata, status }: OAuthClient,
  { survey, namespaces }: TreeInput,
): string | undefined {
  if (status?.tenant !== undefined) return status.tenant.name;
  const labels = namespaces.find(({ name }) => name === metadata.namespace)?.labels ?? {};
  const selecting = survey.scopes.filter(({ spec }) => selectsNamespace(spec.namespaceSelector, labels));
  return selecting.length === 1 ? selecting[0]?.metadata.name : undefined;
}
