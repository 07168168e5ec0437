import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Rule, rights } from '../../src/cmd/rights.ts';
import type { AuditEvent } from '../cluster/audit-log.ts';
import { type Manifest, readManifests } from '../stage/manifests.ts';
import { nodeUser, root } from '../stage/stage.ts';
import { declaredRights } from './declared-rights.ts';
import { judge } from './judge.ts';
import { subjects } from './subjects.ts';

const { controller, node } = subjects;
const { user: controllerUser } = controller;
const installed = 'https://login.example';

let nextID = 0;
const anEvent = (over: Partial<AuditEvent>): AuditEvent => ({
  id: `id-${nextID++}`,
  complete: true,
  user: controllerUser,
  userAgent: 'grantor/0.1.0',
  verb: 'get',
  group: '',
  resource: 'secrets',
  subresource: '',
  namespace: 'a',
  name: 'token',
  uri: '/api/v1/namespaces/a/secrets/token',
  code: 200,
  message: '',
  body: undefined,
  annotations: { 'authorization.k8s.io/decision': 'allow' },
  at: '2026-01-02T03:04:05.678901Z',
  ...over,
});
const aTokenRequest = (audiences: unknown, expirationSeconds = 600): AuditEvent =>
  anEvent({
    verb: 'create',
    resource: 'serviceaccounts',
    subresource: 'token',
    body: { spec: { audiences, expirationSeconds } },
  });
const aSecretWrite = (type: string | undefined, over: Partial<AuditEvent> = {}): AuditEvent =>
  anEvent({
    verb: 'create',
    annotations: type === undefined ? {} : { 'grantor-controller-secrets/secret-type': type },
    ...over,
  });
const theList = anEvent({
  user: 'admin',
  verb: 'patch',
  resource: 'configmaps',
  namespace: 'grantor-system',
  name: 'grantor-audiences',
  body: { data: { login: installed } },
});

const theRole = anEvent({
  user: 'admin',
  verb: 'patch',
  group: 'rbac.authorization.k8s.io',
  resource: 'roles',
  namespace: 'grantor-system',
  name: 'grantor-controller',
});

const theDelivery = anEvent({
  user: 'admin',
  verb: 'patch',
  group: 'rbac.authorization.k8s.io',
  resource: 'clusterrolebindings',
  namespace: '',
  name: 'grantor-secret-delivery',
});

const outside = (event: AuditEvent): readonly string[] =>
  judge([[theRole, theDelivery, theList, event]], controller).outside;

describe('what the controller does', () => {
  const within: readonly (readonly [string, AuditEvent])[] = [
    ['reading a Secret', anEvent({})],
    ['a token for an installed audience', aTokenRequest([installed])],
    ['delivering', aSecretWrite('grantor.dev/token')],
    ['coming too late with a write', aSecretWrite(undefined, { verb: 'update', code: 409 })],
    ['a server that has not read its roles yet', anEvent({ code: 403 })],
    [
      'one that therefore refuses a token',
      anEvent({ verb: 'create', resource: 'serviceaccounts', subresource: 'token', code: 403 }),
    ],
    ['a quota that is full', aSecretWrite(undefined, { code: 403, message: 'exceeded quota: count' })],
    [
      'keeping its Lease',
      anEvent({
        group: 'coordination.k8s.io',
        verb: 'update',
        resource: 'leases',
        namespace: 'grantor-system',
      }),
    ],
    [
      'telling of a client once more',
      anEvent({ group: 'events.k8s.io', verb: 'patch', resource: 'events', name: 'billing.1' }),
    ],
    [
      'learning the id of the cluster',
      anEvent({ resource: 'namespaces', namespace: 'kube-system', name: 'kube-system' }),
    ],
    [
      'learning who issues tokens',
      anEvent({
        resource: '',
        namespace: '',
        name: '',
        uri: '/.well-known/openid-configuration?timeout=10s',
      }),
    ],
  ];
  test.each(within)('%s is within its rights', (_, event) => {
    expect(outside(event)).toEqual([]);
  });

  const beyond: readonly (readonly [string, AuditEvent, string])[] = [
    ['another verb', anEvent({ verb: 'deletecollection' }), 'covered by no rule'],
    ['another resource', anEvent({ resource: 'pods' }), 'covered by no rule'],
    [
      'a subresource',
      anEvent({ group: 'grantor.dev', resource: 'oauthclients', subresource: 'scale' }),
      'no rule',
    ],
    ['another group', anEvent({ group: 'grantor.example', resource: 'oauthclients' }), 'covered by no rule'],
    ['another object than the named one', anEvent({ resource: 'namespaces', name: 'default' }), 'no rule'],
    ['a Role beyond its namespace', anEvent({ resource: 'configmaps' }), 'covered by no rule'],
    ['another path', anEvent({ resource: '', uri: '/metrics' }), 'covered by no rule'],
    [
      'a refusal by a policy',
      aSecretWrite('grantor.dev/token', {
        code: 403,
        message: "ValidatingAdmissionPolicy 'x' denied request",
      }),
      'refused by a policy',
    ],
    ['a Secret of a foreign type', aSecretWrite('Opaque'), 'a Secret of type Opaque'],
    ['a Secret without a policy in force', aSecretWrite(undefined), 'no policy looked at'],
    ['a foreign audience', aTokenRequest(['https://other.example']), 'which is not installed'],
    ['two audiences', aTokenRequest([installed, installed]), 'a token of 2 audiences'],
    ['no audience', aTokenRequest([]), 'a token of 0 audiences'],
    ['an audience that is no list', aTokenRequest(installed), 'nobody understands'],
    ['a token that lives too long', aTokenRequest([installed], 601), 'a token of 601 s'],
  ];
  test.each(beyond)('%s is outside', (_, event, why) => {
    expect(outside(event)).toEqual([expect.stringContaining(why)]);
    expect(outside({ ...event, user: 'somebody else' })).toEqual([]);
    expect(outside({ ...event, userAgent: 'grantor-admission-test' })).toEqual([]);
  });

  test('each log has its own list of audiences, and its own namespaces of Grantor', () => {
    expect(judge([[theList], [theDelivery, aTokenRequest([installed])]], controller).outside).toHaveLength(1);
    const bundle = anEvent({ resource: 'configmaps', namespace: 'elsewhere' });
    expect(judge([[theRole], [bundle]], controller).outside).toHaveLength(1);
    expect(judge([[{ ...theRole, namespace: 'elsewhere' }, bundle]], controller).outside).toEqual([]);
    expect(
      judge([[{ ...theRole, namespace: 'elsewhere', code: 403 }, bundle]], controller).outside,
    ).toHaveLength(1);
  });
});

describe('what a node does', () => {
  const theRoleOfNodes = { ...theRole, name: 'grantor-node' };
  const outsideOf = (over: Partial<AuditEvent>): readonly string[] =>
    judge([[theRoleOfNodes, anEvent({ user: nodeUser, ...over })]], node).outside;

  test.each<readonly [string, Partial<AuditEvent>]>([
    ['watching bindings', { group: 'grantor.dev', resource: 'workloadidentitybindings', verb: 'watch' }],
    ['telling of a pod', { group: 'events.k8s.io', resource: 'events', verb: 'create' }],
    ['reading a CA bundle', { resource: 'configmaps', namespace: 'grantor-system', name: 'ca' }],
  ])('%s is within its rights', (_, over) => {
    expect(outsideOf(over)).toEqual([]);
  });

  test.each<readonly [string, Partial<AuditEvent>]>([
    ['reading a Secret', {}],
    [
      'asking for a ServiceAccount token',
      { resource: 'serviceaccounts', subresource: 'token', verb: 'create' },
    ],
    ['looking at pods', { resource: 'pods', verb: 'list' }],
    ['reading a ConfigMap of a tenant', { resource: 'configmaps' }],
    [
      'writing a status',
      { group: 'grantor.dev', resource: 'oauthclients', subresource: 'status', verb: 'patch' },
    ],
  ])('%s is outside', (_, over) => {
    expect(outsideOf(over)).toContainEqual(expect.stringContaining('covered by no rule'));
    expect(judge([[anEvent({ user: nodeUser, ...over })]], controller).requests).toBe(0);
  });

  test('has no right at all on what is worth stealing', () => {
    const targets = node.rights.map(({ target }) => target.split('/')[0]);
    expect(targets).toContain('workloadidentitybindings');
    for (const kind of ['secrets', 'serviceaccounts', 'nodes', 'pods']) expect(targets).not.toContain(kind);
  });
});

describe('Secrets of tenants', () => {
  const inOne = { ...theDelivery, resource: 'rolebindings', namespace: 'a' };
  const outsideOf = (given: readonly AuditEvent[], over: Partial<AuditEvent>): number =>
    judge([[theRole, ...given, anEvent(over)]], controller).outside.length;

  test('are within its rights where delivery is bound, and nowhere else', () => {
    expect(outsideOf([theDelivery], { namespace: 'b' })).toBe(0);
    expect(outsideOf([inOne], { namespace: 'a' })).toBe(0);
    expect(outsideOf([inOne], { namespace: 'b' })).toBe(1);
    expect(outsideOf([inOne], { namespace: '', verb: 'list' })).toBe(1);
    expect(outsideOf([{ ...inOne, code: 403 }], { namespace: 'a' })).toBe(1);
    expect(outsideOf([], { namespace: 'a' })).toBe(1);
  });

  test('are no matter of those in its own namespace', () => {
    expect(outsideOf([], { namespace: 'grantor-system' })).toBe(0);
  });
});

describe('the declared rights', () => {
  test('are told when nothing used them', () => {
    const all = judge([], controller).unused;
    expect(all).toContain('create serviceaccounts/token where Secrets are delivered');
    expect(all).toContain("get configmaps in Grantor's own namespace");
    expect(all).toContain('get namespaces/kube-system');
    const { unused, requests } = judge([[theDelivery, anEvent({}), anEvent({})]], controller);
    expect(requests).toBe(2);
    expect(unused).toEqual(all.filter((right) => right !== 'get secrets where Secrets are delivered'));
  });

  test('have no stars', () => {
    const star = { resources: ['*'], verbs: ['get'], because: '' };
    expect(() => declaredRights({ cluster: [star] })).toThrow('declares nothing');
  });
});

describe.each(['controller.yaml', 'node.yaml'])('deploy/%s', (file) => {
  const manifests = readManifests(join(root, 'deploy', file)) as (Manifest & Partial<Bound>)[];
  const bindings = manifests.filter(({ kind }) => kind.endsWith('RoleBinding'));
  const account = manifests.find(({ kind }) => kind === 'ServiceAccount')!.metadata;
  const declared = account.name === 'grantor-node' ? rights.node : rights.controller;

  test('gives what is declared, and nothing else', () => {
    const given = manifests.flatMap(({ rules, metadata: { name, namespace } }) => {
      const reach =
        namespace !== undefined ? 'own' : name === 'grantor-secret-delivery' ? 'delivery' : 'cluster';
      return rules === undefined ? [] : [[reach, rules]];
    });
    const asInYaml = ({
      apiGroups = [''],
      resources,
      resourceNames,
      nonResourceURLs,
      verbs,
    }: Rule): object =>
      resources === undefined
        ? { nonResourceURLs, verbs }
        : { apiGroups, resources, verbs, ...(resourceNames && { resourceNames }) };
    const wanted = Object.entries(declared).map(([reach, rules]) => [reach, rules.map(asInYaml)]);
    expect(Object.fromEntries(given)).toEqual(Object.fromEntries(wanted));
  });

  test('gives it to one ServiceAccount, by a binding for each role', () => {
    const roles = manifests.filter(({ rules }) => rules !== undefined);
    expect(bindings.map(({ roleRef }) => [roleRef!.kind, roleRef!.name])).toEqual(
      roles.map(({ kind, metadata: { name } }) => [kind, name]),
    );
    for (const { subjects } of bindings)
      expect(subjects).toEqual([
        { kind: 'ServiceAccount', name: account.name, namespace: account.namespace },
      ]);
  });
});

interface Bound {
  readonly rules: readonly object[];
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: readonly object[];
}
