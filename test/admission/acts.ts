import { apiVersion } from '../../src/api/kind.ts';
import { oauthClientKind } from '../../src/api/oauth-client.ts';
import { oauthIssuerKind } from '../../src/api/oauth-issuer.ts';
import { tenantScopeKind } from '../../src/api/tenant-scope.ts';
import { workloadIdentityBindingKind } from '../../src/api/workload-identity-binding.ts';
import { namespaceKind, secretKind, serviceAccountKind } from '../../src/kube/core-kinds.ts';
import type { KubeClient, MetadataPatch } from '../../src/kube/kube-client.ts';
import type { KubeFailure } from '../../src/kube/kube-failure.ts';
import type { KubeObject, ObjectMeta, Stored } from '../../src/kube/objects.ts';
import type { ObjectName, ResourceKind } from '../../src/kube/resource-path.ts';
import { eventKind } from '../../src/runtime/event-object.ts';
import { type Duration, hours, minutes } from '../../src/std/duration.ts';
import type { Result } from '../../src/std/result.ts';
import { aBinding, aClient, anIssuer, aSecret, aServiceAccount, aTenant } from '../e2e/objects.ts';
import type { Manifest } from '../stage/manifests.ts';
import { type People, tenantNamespace } from './people.ts';

/** Something that somebody tries, as `<who> <what>`; `admin` is there to look things up. */
interface Act {
  readonly who: keyof People;
  readonly tries: string;
  readonly act: (as: KubeClient, admin: KubeClient) => Promise<Result<unknown, KubeFailure>>;
}

/** What a policy refuses, and what stands next to it and is allowed. */
export interface PolicyActs {
  readonly policy: string;
  readonly refuses: readonly Act[];
  readonly allows: readonly Act[];
}

const inTenant = (name: string): Required<ObjectName> => ({ namespace: tenantNamespace, name });
const inGrantor = (name: string): Required<ObjectName> => ({ namespace: 'grantor-system', name });

/** What is there before anybody tries anything; of each kind one named `there`. */
export const present: readonly Manifest[] = [
  anIssuer({ name: 'there', url: 'https://login.example' }),
  ...aTenant('there').filter(({ kind }) => kind === 'TenantScope'),
  aClient(tenantNamespace, 'there'),
  aBinding(tenantNamespace, 'there'),
  { ...aServiceAccount(tenantNamespace, 'there'), metadata: marked(inTenant('there')) },
  aSecret(tenantNamespace, 'of-the-tenant'),
  {
    ...aSecret(tenantNamespace, 'token', { type: 'grantor.dev/token' }),
    metadata: marked(inTenant('token')),
  },
  aSecret(tenantNamespace, 'to-delete', { type: 'grantor.dev/token' }),
  aSecret(tenantNamespace, 'to-withdraw', { type: 'grantor.dev/token' }),
];

function marked(at: Required<ObjectName>): ObjectMeta {
  return { ...at, labels: { 'grantor.dev/tier': 'low' } };
}

const writeStatus =
  (kind: ResourceKind, at: ObjectName): Act['act'] =>
  async (as, admin) => {
    const found = await admin.get(kind, at);
    return found.ok ? as.applyStatus(kind, found.value.metadata, {}) : found;
  };

const patch =
  (kind: ResourceKind, at: ObjectName, metadata: MetadataPatch): Act['act'] =>
  async (as, admin) => {
    const found = await admin.get(kind, at);
    return found.ok ? as.patchMetadata(kind, found.value.metadata, metadata) : found;
  };

const change =
  (kind: ResourceKind, at: ObjectName, to: (found: Stored<Manifest>) => object): Act['act'] =>
  async (as, admin) => {
    const found = await admin.get<Manifest>(kind, at);
    return found.ok ? as.replace(kind, { ...found.value, ...to(found.value) }) : found;
  };

const remove =
  (kind: ResourceKind, at: ObjectName): Act['act'] =>
  async (as, admin) => {
    const found = await admin.get(kind, at);
    return found.ok ? as.delete(kind, at, { uid: found.value.metadata.uid }) : found;
  };

const create =
  (kind: ResourceKind, object: KubeObject, metadata: Partial<ObjectMeta> = {}): Act['act'] =>
  (as) =>
    as.create(kind, { ...object, metadata: { ...object.metadata, ...metadata } });

const createSecret = ({ namespace, name }: Required<ObjectName>, type: string): Act['act'] =>
  create(secretKind, aSecret(namespace, name, { type }));

/** In the list of audiences while these acts are done, and with them the API server's own. */
export const installed = 'https://installed.example';
export const alsoInstalled = 'https://also-installed.example';
export const audienceOfTheServer = 'https://kubernetes.default.svc';

const requestToken =
  (audiences: readonly string[], expiration: Duration): Act['act'] =>
  async (as, admin) => {
    const found = await admin.get(serviceAccountKind, inTenant('there'));
    if (!found.ok) return found;
    return as.requestToken(inTenant('there'), { uid: found.value.metadata.uid, audiences, expiration });
  };

const other = { data: { token: 'Zm9yZ2Vk' } };

/** An event about an object of the tenant. */
const anEvent = (name: string, kind: string, reportingController: string, apiVersion = 'v1') => ({
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: inTenant(name),
  ...{ eventTime: '2026-01-02T03:04:05.678901Z', type: 'Warning', reason: 'RenewalFailed', action: 'Renew' },
  ...{ regarding: { apiVersion, kind, ...inTenant('there') }, note: 'something happened' },
  ...{ reportingController, reportingInstance: 'node-1' },
});

/** Says something about an object of the tenant. */
const tell = (...event: Parameters<typeof anEvent>): Act['act'] => create(eventKind, anEvent(...event));

/** Says something that cannot be deleted, nor its namespace with it. */
const tellForEver =
  (...event: Parameters<typeof anEvent>): Act['act'] =>
  (as) => {
    const told = anEvent(...event);
    const metadata = { ...told.metadata, finalizers: ['example.dev/for-ever'] };
    return as.create(eventKind, { ...told, metadata });
  };

/** Says once more what somebody said of an object. */
const tellAgain =
  (...event: Parameters<typeof anEvent>): Act['act'] =>
  async (as, admin) => {
    const told = anEvent(...event);
    const first = await admin.create(eventKind, told);
    const series = { count: 2, lastObservedTime: '2026-01-02T03:05:05.678901Z' };
    return first.ok ? as.apply(eventKind, { ...told, series } as KubeObject) : first;
  };

/** Every policy of deploy/admission.yaml. */
export const acts: readonly PolicyActs[] = [
  {
    policy: 'grantor-status',
    refuses: (
      [
        [oauthIssuerKind, { name: 'there' }],
        [tenantScopeKind, { name: 'there' }],
        [oauthClientKind, inTenant('there')],
        [workloadIdentityBindingKind, inTenant('there')],
      ] as const
    ).map(([kind, at]) => ({
      who: 'admin',
      tries: `to write the status of an ${kind.kind}`,
      act: writeStatus(kind, at),
    })),
    allows: [
      {
        who: 'controller',
        tries: 'to write the status of an OAuthClient',
        act: writeStatus(oauthClientKind, inTenant('there')),
      },
    ],
  },
  {
    policy: 'grantor-reserved-metadata',
    refuses: [
      {
        who: 'tenant',
        tries: 'to make a ServiceAccount with a label of ours',
        act: create(serviceAccountKind, aServiceAccount(tenantNamespace, 'labelled'), {
          labels: { 'grantor.dev/tier': 'high' },
        }),
      },
      {
        who: 'tenant',
        tries: 'to make a Secret with an annotation of ours',
        act: create(secretKind, aSecret(tenantNamespace, 'annotated'), {
          annotations: { 'grantor.dev/grant-hash': 'x' },
        }),
      },
      {
        who: 'tenant',
        tries: 'to make an OAuthClient with a label of a domain below ours',
        act: create(oauthClientKind, aClient(tenantNamespace, 'labelled'), {
          labels: { 'policy.grantor.dev/tier': 'high' },
        }),
      },
      {
        who: 'tenant',
        tries: 'to annotate a binding in our name',
        act: patch(workloadIdentityBindingKind, inTenant('there'), {
          annotations: { 'grantor.dev/release': 'yes' },
        }),
      },
      {
        who: 'tenant',
        tries: 'to annotate a binding as only a client may be',
        act: patch(workloadIdentityBindingKind, inTenant('there'), {
          annotations: { 'grantor.dev/rotate': 'now' },
        }),
      },
      {
        who: 'tenant',
        tries: 'to annotate a client in our name',
        act: patch(oauthClientKind, inTenant('there'), { annotations: { 'grantor.dev/rotated': 'now' } }),
      },
      {
        who: 'tenant',
        tries: 'to release a client from what its issuer holds of it',
        act: patch(oauthClientKind, inTenant('there'), { annotations: { 'grantor.dev/release': 'true' } }),
      },
      {
        who: 'tenant',
        tries: 'to change a label of ours',
        act: patch(serviceAccountKind, inTenant('there'), { labels: { 'grantor.dev/tier': 'high' } }),
      },
      {
        who: 'tenant',
        tries: 'to remove a label of ours',
        act: patch(serviceAccountKind, inTenant('there'), { labels: { 'grantor.dev/tier': null } }),
      },
      {
        who: 'tenant',
        tries: 'to end the tokens of its client at a time that is none',
        act: patch(oauthClientKind, inTenant('there'), { annotations: { 'grantor.dev/revoke': 'now' } }),
      },
      {
        who: 'tenant',
        tries: 'to end the tokens of its client in a month that there is not',
        act: patch(oauthClientKind, inTenant('there'), {
          annotations: { 'grantor.dev/revoke': '2026-13-01T12:00:00Z' },
        }),
      },
      {
        who: 'tenant',
        tries: 'to label its own namespace in our name',
        act: patch(namespaceKind, { name: tenantNamespace }, { labels: { 'grantor.dev/tier': 'high' } }),
      },
    ],
    allows: [
      {
        who: 'tenant',
        tries: 'to ask for a new credential of its client',
        act: patch(oauthClientKind, inTenant('there'), { annotations: { 'grantor.dev/rotate': 'now' } }),
      },
      {
        who: 'tenant',
        tries: 'to end all tokens of its client',
        act: patch(oauthClientKind, inTenant('there'), {
          annotations: { 'grantor.dev/revoke': '2026-01-01T12:00:00Z' },
        }),
      },
      {
        who: 'tenant',
        tries: 'to ask for it no more',
        act: patch(oauthClientKind, inTenant('there'), { annotations: { 'grantor.dev/rotate': null } }),
      },
      {
        who: 'tenant',
        tries: 'to set another label beside one of ours',
        act: patch(serviceAccountKind, inTenant('there'), { labels: { 'mygrantor.dev/tier': 'high' } }),
      },
      {
        who: 'admin',
        tries: 'to set a label of ours',
        act: patch(serviceAccountKind, inTenant('there'), { labels: { 'grantor.dev/tier': 'middle' } }),
      },
    ],
  },
  {
    policy: 'grantor-own-secrets',
    refuses: [
      {
        who: 'tenant',
        tries: 'to forge a token Secret',
        act: createSecret(inTenant('forged'), 'grantor.dev/token'),
      },
      {
        who: 'tenant',
        tries: 'to make a Secret of a type that we may have one day',
        act: createSecret(inTenant('forged'), 'grantor.dev/other'),
      },
      {
        who: 'tenant',
        tries: 'to change what is in a token Secret',
        act: change(secretKind, inTenant('token'), () => other),
      },
      {
        who: 'tenant',
        tries: 'to label a token Secret',
        act: patch(secretKind, inTenant('token'), { labels: { mine: 'yes' } }),
      },
    ],
    allows: [
      {
        who: 'tenant',
        tries: 'to delete a token Secret',
        act: remove(secretKind, inTenant('to-delete')),
      },
      {
        who: 'tenant',
        tries: 'to make a Secret of its own',
        act: createSecret(inTenant('own'), 'Opaque'),
      },
      {
        who: 'admin',
        tries: 'to restore a token Secret',
        act: createSecret(inTenant('restored'), 'grantor.dev/token'),
      },
      {
        who: 'garbageCollector',
        tries: 'to take the owners off a token Secret',
        act: patch(secretKind, inTenant('token'), { ownerReferences: [] }),
      },
    ],
  },
  {
    policy: 'grantor-controller-secrets',
    refuses: [
      ...['Opaque', 'kubernetes.io/dockerconfigjson', 'kubernetes.io/service-account-token'].map(
        (type): Act => ({
          who: 'controller',
          tries: `to make a Secret of type ${type}`,
          act: create(
            secretKind,
            aSecret(tenantNamespace, 'planted', {
              type,
              data: type === 'kubernetes.io/dockerconfigjson' ? { '.dockerconfigjson': 'e30=' } : {},
            }),
            { annotations: { 'kubernetes.io/service-account.name': 'there' } },
          ),
        }),
      ),
      {
        who: 'controller',
        tries: "to change a tenant's own Secret",
        act: change(secretKind, inTenant('of-the-tenant'), () => other),
      },
      {
        who: 'controller',
        tries: "to delete a tenant's own Secret",
        act: remove(secretKind, inTenant('of-the-tenant')),
      },
      {
        who: 'controller',
        tries: 'to put a registration where a tenant can read it',
        act: createSecret(inTenant('record'), 'grantor.dev/registration'),
      },
      {
        who: 'controller',
        tries: 'to put a token among its own Secrets',
        act: createSecret(inGrantor('admission-token'), 'grantor.dev/token'),
      },
      {
        who: 'controller',
        tries: 'to delete the credentials of an issuer',
        act: remove(secretKind, inGrantor('quickstart-issuer')),
      },
    ],
    allows: [
      {
        who: 'controller',
        tries: 'to deliver a token',
        act: createSecret(inTenant('delivered'), 'grantor.dev/token'),
      },
      {
        who: 'controller',
        tries: 'to keep a registration',
        act: createSecret(inGrantor('admission-record'), 'grantor.dev/registration'),
      },
      {
        who: 'controller',
        tries: 'to withdraw a token',
        act: remove(secretKind, inTenant('to-withdraw')),
      },
    ],
  },
  {
    policy: 'grantor-controller-objects',
    refuses: [
      {
        who: 'controller',
        tries: 'to ask for more in the name of a tenant',
        act: (as) => as.apply(oauthClientKind, aClient(tenantNamespace, 'there', { scopes: ['admin'] })),
      },
      ...[
        { labels: { a: '1' } },
        { annotations: { a: '1' } },
        { finalizers: ['other.example/protection'] },
      ].map(
        (metadata): Act => ({
          who: 'controller',
          tries: `to change the ${Object.keys(metadata).join()} of an OAuthClient`,
          act: patch(oauthClientKind, inTenant('there'), metadata),
        }),
      ),
    ],
    allows: [
      {
        who: 'controller',
        tries: 'to hold on to an OAuthClient',
        act: patch(oauthClientKind, inTenant('there'), { finalizers: ['grantor.dev/registration'] }),
      },
      {
        who: 'controller',
        tries: 'to let it go',
        act: patch(oauthClientKind, inTenant('there'), { finalizers: [] }),
      },
    ],
  },
  {
    policy: 'grantor-token-requests',
    refuses: (
      [
        ['nobody in particular', [], minutes(10)],
        // Of one that is not, the policy for audiences could be the first to speak.
        ['two audiences', [installed, alsoInstalled], minutes(10)],
        ['the API server, even where it is installed', [audienceOfTheServer], minutes(10)],
        ['an hour', [installed], hours(1)],
      ] as const
    ).map(
      ([what, audiences, expiration]): Act => ({
        who: 'controller',
        tries: `to ask for a token for ${what}`,
        act: requestToken(audiences, expiration),
      }),
    ),
    allows: [
      {
        who: 'controller',
        tries: 'to ask for a token for an installed audience',
        act: requestToken([installed], minutes(10)),
      },
      {
        who: 'tenant',
        tries: 'to ask for a token as before',
        act: requestToken(['https://other.example'], hours(1)),
      },
    ],
  },
  {
    policy: 'grantor-audiences',
    refuses: [
      {
        who: 'controller',
        tries: 'to ask for a token for an audience that is not installed',
        act: requestToken(['https://other.example'], minutes(10)),
      },
    ],
    allows: [
      {
        who: 'controller',
        tries: 'to ask for a token for an installed one',
        act: requestToken([installed], minutes(10)),
      },
    ],
  },
  {
    policy: 'grantor-controller-events',
    refuses: [
      {
        who: 'controller',
        tries: 'to tell of a pod',
        act: tell('pod-of-the-controller', 'Pod', 'grantor.dev/controller'),
      },
      {
        who: 'controller',
        tries: 'to speak as the kubelet',
        act: tell('client-of-the-kubelet', 'OAuthClient', 'kubelet', apiVersion),
      },
      {
        who: 'controller',
        tries: 'to change what the kubelet told',
        act: tellAgain('pod-of-the-kubelet', 'Pod', 'kubelet'),
      },
      {
        who: 'controller',
        tries: 'to tell what keeps a namespace from going',
        act: tellForEver('for-ever', 'OAuthClient', 'grantor.dev/controller', apiVersion),
      },
    ],
    allows: [
      {
        who: 'controller',
        tries: 'to tell of a client',
        act: tell('of-a-client', 'OAuthClient', 'grantor.dev/controller', apiVersion),
      },
      {
        who: 'controller',
        tries: 'to tell it again',
        act: tellAgain('again-of-a-client', 'OAuthClient', 'grantor.dev/controller', apiVersion),
      },
    ],
  },
  {
    policy: 'grantor-node-events',
    refuses: [
      {
        who: 'node',
        tries: 'to tell of a ServiceAccount',
        act: tell('of-an-account', 'ServiceAccount', 'csi.grantor.dev'),
      },
      { who: 'node', tries: 'to speak as the kubelet', act: tell('as-the-kubelet', 'Pod', 'kubelet') },
      {
        who: 'node',
        tries: 'to tell what keeps a namespace from going',
        act: tellForEver('of-a-pod-for-ever', 'Pod', 'csi.grantor.dev'),
      },
    ],
    allows: [
      {
        who: 'node',
        tries: 'to tell the owner of a pod what became of its token',
        act: tell('of-a-pod', 'Pod', 'csi.grantor.dev'),
      },
      {
        who: 'admin',
        tries: 'to tell of anything',
        act: tell('of-anything', 'ServiceAccount', 'kubelet'),
      },
    ],
  },
];
