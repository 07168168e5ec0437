import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { podKind } from '../../src/kube/core-kinds.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { bundlePlugIn } from '../../tools/bundle/bundle-plug-in.ts';
import { kubectlOf } from '../cluster/kubectl.ts';
import { look } from '../e2e/look.ts';
import {
  aBinding,
  aClient,
  anIssuer,
  aServiceAccount,
  aTenant,
  aWorkload,
  secretKind,
} from '../e2e/objects.ts';
import { onOwnControlPlane, useStage } from '../e2e/use-stage.ts';
import { applyManifests, parseManifests } from '../stage/manifests.ts';
import { root } from '../stage/stage.ts';
import { pressTab } from './press-tab.ts';
import { plugIn } from './run-plug-in.ts';
import { terminalPicture } from './terminal-picture.ts';
import { unpack } from './unpack.ts';

const stage = useStage();
const there = look(stage);

/** Somebody of the tenant, with Kubernetes' own role view in its namespace and nothing else. */
const tenantUser = 'jane';

let bin: string;
let admin: ReturnType<typeof plugIn>;
let tenant: ReturnType<typeof plugIn>;
let nobody: ReturnType<typeof plugIn>;

describe.runIf(onOwnControlPlane())('the plug-in', () => {
  beforeAll(async () => {
    await stage.apply([
      anIssuer({ url: stage.issuerURL }),
      ...aTenant('shown'),
      ...aWorkload('shown'),
      ...aTenant('other'),
      ...aWorkload('other'),
      aServiceAccount('shown', 'greedy'),
      aClient('shown', 'greedy', { scopes: ['admin'] }),
      aBinding('shown', 'greedy'),
    ]);
    const rbac = 'rbac.authorization.k8s.io';
    await applyManifests(
      stage.kube,
      parseManifests(
        `{apiVersion: ${rbac}/v1, kind: RoleBinding, metadata: {namespace: shown, name: jane},
          roleRef: {apiGroup: ${rbac}, kind: ClusterRole, name: grantor-view},
          subjects: [{apiGroup: ${rbac}, kind: User, name: ${tenantUser}}]}`,
      ),
    );
    const { controlPlane } = stage;
    bin = join(stage.dir, 'bin');
    const program = join(bin, 'kubectl-grantor');
    // As people have it; from the sources it would take a second to start.
    await bundlePlugIn(program);
    admin = plugIn(program, controlPlane.adminKubeconfig);
    tenant = plugIn(program, await controlPlane.kubeconfigFor(tenantUser, []));
    nobody = plugIn(program, await controlPlane.kubeconfigFor('nobody', []));
    await there.until('binding', 'shown/api', 'True');
    await there.until('binding', 'other/api', 'True');
    await there.until('client', 'shown/greedy', 'False ScopeNotAllowed', { type: 'Allowed' });
    await there.until('binding', 'shown/greedy', 'False');
  });

  test('status shows an admin everything, what wants attention first, and ends with 1', async () => {
    const { code, out, err } = await admin('status', '-A');
    expect([code, err]).toEqual([1, '']);
    const objects = out.split('\n').map((line) => line.trim().split(/ {2,}/));
    expect(objects[1]?.slice(0, 4)).toEqual(['shown', 'oauthclient/greedy', 'refused', 'ScopeNotAllowed']);
    expect(out).toMatch(/other +workloadidentitybinding\/api +ready/);
    expect(out).toMatch(/oauthissuer\/main +ready +Discovered/);
    expect(out).toContain('TenantScope shown does not allow admin; allowed: orders.*');
  });

  test('status of a namespace in which all is well ends with 0', async () => {
    const { code, out } = await admin('status', '-n', 'other', '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ kind: 'Status', attention: 0, hidden: [] });
  });

  test('somebody with the view role sees what is of the tenant, and nothing of others', async () => {
    const [status, tree, explanation, json] = await Promise.all([
      tenant('status', '-n', 'shown'),
      tenant('tree', '-n', 'shown'),
      tenant('explain', 'wib/api', '-n', 'shown'),
      tenant('tree', '-n', 'shown', '-o', 'json'),
    ]);
    expect([status.code, tree.code, explanation.code]).toEqual([1, 1, 0]);
    expect(status.out).toMatch(/oauthclient\/greedy +refused/);
    expect(tree.out).toMatch(/secret\/api-token +- +- +not visible to you/);
    expect(tree.out).toMatch(/oauthissuer\/main +- +- +not visible to you/);
    expect(explanation.out).toContain('secret/api-token: you may not list secrets in namespace shown.');
    for (const { out, err } of [status, tree, explanation, json]) expect(out + err).not.toContain('other');
    const elsewhere = await tenant('status', '-n', 'other');
    expect(elsewhere).toMatchObject({ code: 4, out: '' });
    expect(elsewhere.err).toBe(
      'error: you may not list oauthclients.grantor.dev in namespace other; have the ClusterRole view (grantor-view is part of it) bound to you in that namespace\n',
    );
  });

  test('an admin may look with the rights of a tenant', async () => {
    const { code, err } = await admin('status', '-A', '--as', tenantUser);
    expect(code).toBe(4);
    expect(err).toContain(
      'you may not list oauthclients.grantor.dev in all namespaces; name one of your namespaces with -n',
    );
  });

  test('tree goes from the issuer to the Secret, with the expiry that its metadata tells', async () => {
    const { code, out } = await admin('tree', 'wib/api', '-n', 'shown', '--no-headers');
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(
      lines.map((line) =>
        line
          .trim()
          .split(/ +(?=\S)/)
          .slice(0, 2)
          .join(' '),
      ),
    ).toEqual([
      'oauthissuer/main ready',
      '└─ tenantscope/shown',
      '└─ oauthclient/api',
      '└─ workloadidentitybinding/api',
      '└─ secret/api-token',
    ]);
    expect(lines.at(-1)).toMatch(/SecretWritten +expires in \d+m/);
  });

  test('explain says which field is at fault, and what would be allowed', async () => {
    const { code, out } = await admin('explain', 'oac/greedy', '-n', 'shown');
    expect(code).toBe(1);
    expect(out).toContain('spec.scopes: TenantScope shown does not allow admin; allowed: orders.*');
  });

  test('kubectl finds it by its name, and completes its commands, flags and names in bash', async () => {
    const helper = (await admin('completion')).out;
    writeFileSync(join(bin, 'kubectl_complete-grantor'), helper, { mode: 0o755 });
    const { kubectl: program, adminKubeconfig } = stage.controlPlane;
    const kubectl = kubectlOf(stage.controlPlane, { PATH: `${bin}:${process.env['PATH']}` });
    expect(await kubectl(['grantor', 'tree', 'wib/api', '-n', 'shown'])).toContain('secret/api-token');
    const press = pressTab(program, { KUBECONFIG: adminKubeconfig, bin });
    expect(press('kubectl grantor rev')).toEqual(['revoke']);
    expect(press('kubectl grantor explain -n shown oac/')).toEqual(['oac/api', 'oac/greedy']);
    expect(press('kubectl grantor status -n sho')).toEqual(['shown']);
    expect(press('kubectl grantor status --out')).toEqual(['--output']);
  });

  test.each([
    ['an unknown flag', ['status', '--bar'], 2, "unknown option '--bar'"],
    [
      'a context that is not there',
      ['status', '--context', 'nowhere'],
      2,
      '"nowhere" is not one of its contexts (grantor-test)',
    ],
    [
      'a kubeconfig that is not there',
      ['status', '--kubeconfig', '/nowhere/config'],
      2,
      'there is no such file',
    ],
    [
      'an object that is not there',
      ['explain', 'oac/absent', '-n', 'shown'],
      6,
      'there is no oauthclient/absent in namespace shown',
    ],
    ['a kind that is not there', ['explain', 'pod/x'], 2, 'there is no kind "pod"'],
  ])('%s ends it with one line', async (_, args, code, says) => {
    const ended = await admin(...args);
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toMatch(/^error: [^\n]+; [^\n]+\n$/);
    expect(ended.err).toContain(says);
  });

  test('doctor looks at the install with real reviews, and finds the audience that kubelets do not ask for', async () => {
    const { code, out } = await admin('doctor', '-o', 'json');
    expect(code).toBe(1);
    const { findings } = JSON.parse(out) as { findings: { verdict: string; message: string }[] };
    const told = findings.map(({ verdict, message }) => `${verdict}: ${message}`);
    expect(told).toEqual(
      expect.arrayContaining([
        'ok: all 4 kinds are served in v1alpha1',
        'ok: all 9 admission policies are there and bound',
        'ok: you may do all that this program does',
        'ok: the ServiceAccounts of Grantor have the rights that they need',
        'ok: ConfigMap grantor-audiences has the audience of every issuer',
        expect.stringMatching(/^ok: \S+ leads, and renewed its Lease \d+s ago$/),
        expect.stringMatching(/^ok: this machine and the API server are [01] s apart$/),
        expect.stringMatching(
          /^wrong: tokenRequests of CSIDriver csi.grantor.dev has not the audience https:/,
        ),
      ]),
    );
  });

  test('doctor tells somebody of a tenant what it could not look at', async () => {
    const { code, out, err } = await tenant('doctor');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('you may not: list oauthissuers.grantor.dev, list tenantscopes.grantor.dev');
    expect(out).toContain(
      'could not be looked at: you may not get leases.coordination.k8s.io in namespace grantor-system',
    );
  });

  const changed = (name: string, change: (text: string) => string): string => {
    const text = change(readFileSync(stage.controlPlane.adminKubeconfig, 'utf8'));
    const file = join(stage.dir, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };

  test('an API server that is away, and one that does not know who asks, end it with 3', async () => {
    const away = changed('away', (text) => text.replace(/server: .*/, 'server: https://127.0.0.1:1'));
    const unreachable = await admin('status', '--kubeconfig', away);
    expect(unreachable).toMatchObject({ code: 3, out: '' });
    expect(unreachable.err).toMatch(
      /^error: .*connection refused; check the server of the kubeconfig[^\n]*\n$/,
    );
    const stranger = changed('stranger', (text) =>
      text
        .replace(/client-certificate-data: .*/, 'token: nobody-knows-me')
        .replace(/client-key-data: .*/, ''),
    );
    for (const command of ['status', 'doctor'])
      expect(await admin(command, '--kubeconfig', stranger)).toEqual({
        code: 3,
        out: '',
        err: 'error: the API server does not accept your credentials; log in again if they have expired, or choose another user with --context\n',
      });
  });

  test('rotate waits for the new credential of a client, and takes the right to change it', async () => {
    const authentication = { privateKey: { secretRef: { name: 'keyed-credentials' } } };
    await stage.apply(aWorkload('other', 'keyed', { client: { authentication } }));
    await there.until('client', 'other/keyed', 'True');
    const before = await there.content('other/keyed-credentials');
    const { code, out, err } = await admin('rotate', 'oac/keyed', '-n', 'other', '--timeout', '30s');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^oauthclient\/keyed: new credential since \S+; the former one stays valid until \S+\n$/,
    );
    const after = await there.content('other/keyed-credentials');
    expect(after?.['private_key.jwk']).not.toBe(before?.['private_key.jwk']);
    const again = await admin('rotate', 'oac/keyed', '-n', 'other');
    expect(again).toMatchObject({ code: 1, out: '' });
    expect(again.err).toContain('is under way already (Overlapping');
    const refused = await tenant('rotate', 'oac/api', '-n', 'shown');
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain('has no credential to rotate: it logs in as Federated');
  });

  /** A bundle, left for the canary of the run, and what it may not hold. */
  const bundle = async (who: ReturnType<typeof plugIn>, name: string, ...args: readonly string[]) => {
    const file = join(stage.dir, `${name}.tar.gz`);
    const { code, err } = await who('support-bundle', '--file', file, ...args);
    expect([code, err]).toEqual([0, '']);
    const content = unpack(file);
    const all = Object.values(content).join('\n');
    writeFileSync(join(stage.dir, `${name}.log`), all);
    return { content, all };
  };

  test('support-bundle of an admin has everything but secrets', async () => {
    const { content, all } = await bundle(admin, 'bundle-of-admin', '-A');
    expect(content['objects/tenantscopes.grantor.dev.json']).toContain('"tenantID": "other"');
    expect(content['objects/token-secrets-metadata.json']).toContain('grantor.dev/expires-at');
    expect(JSON.parse(content['versions.json'] ?? '')).toMatchObject({ server: { major: '1' } });
    const found: string[] = [];
    for await (const page of stage.kube.list<KubeObject & { data?: Record<string, string> }>(secretKind)) {
      if (!page.ok) throw new Error(page.error.message);
      for (const { data = {} } of page.value.items)
        for (const key of ['token', 'client_secret', 'registration_access_token', 'initial-access-token'])
          if (data[key] !== undefined) found.push(data[key], Buffer.from(data[key], 'base64').toString());
    }
    expect(found.length).toBeGreaterThan(8);
    for (const secret of found) expect(all).not.toContain(secret);
  });

  test('support-bundle with the rights of a tenant has nothing of others, and says what it lacks', async () => {
    const { content, all } = await bundle(tenant, 'bundle-of-tenant', '-n', 'shown');
    expect(content['objects/oauthclients.grantor.dev.json']).toContain('"namespace": "shown"');
    expect(all).not.toMatch(/"(namespace|name|tenantID)": "other"/);
    expect(content['omitted.txt']).toContain('you may not list tenantscopes.grantor.dev in the cluster\n');
    expect(content['omitted.txt']).toContain('you may not list pods in namespace grantor-system\n');
  });

  /** Pods that nobody runs here, and that say they do. */
  const pretendPod = async (name: string, spec: object): Promise<void> => {
    const containers = [{ name: 'app', image: 'example.invalid/app' }];
    const at = { namespace: 'shown', name };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: at,
      spec: { serviceAccountName: 'api', containers, ...spec },
    };
    const made = await stage.kube.create(podKind, pod);
    if (!made.ok) throw new Error(made.error.message);
    await stage.kube.applyStatus(
      podKind,
      { ...at, resourceVersion: made.value.metadata.resourceVersion },
      { phase: 'Running' },
    );
  };

  test('the pictures of the docs show what it prints', async () => {
    await stage.apply([
      aServiceAccount('shown', 'default'),
      aBinding('shown', 'api-volume', {
        serviceAccountName: 'api',
        clientRef: { name: 'api' },
        delivery: undefined,
      }),
    ]);
    await pretendPod('api-7d9c6b7f5-x2x9k', {
      volumes: [{ name: 'token', secret: { secretName: 'api-token' } }],
    });
    await pretendPod('api-batch-8kq2n', {
      volumes: [
        {
          name: 'token',
          csi: { driver: 'csi.grantor.dev', readOnly: true, volumeAttributes: { binding: 'api-volume' } },
        },
      ],
    });
    await there.until('binding', 'shown/api-volume', 'True');
    const coloured = plugIn(join(bin, 'kubectl-grantor'), stage.controlPlane.adminKubeconfig, {
      FORCE_COLOR: '1',
    });
    for (const [name, ...args] of [
      ['tree', 'tree', '-n', 'shown'],
      ['status', 'status', '-n', 'shown'],
      ['explain', 'explain', 'oac/greedy', '-n', 'shown'],
    ] as const) {
      const { out, err } = await coloured(...args);
      expect(err).toBe('');
      const picture = terminalPicture(`kubectl grantor ${args.join(' ')}`, out);
      expect(picture).toMatch(/ fill="#ff7b72">(refused|False)</);
      if (process.env['GRANTOR_PICTURES'])
        writeFileSync(join(root, `docs/pictures/kubectl-grantor-${name}.svg`), picture);
    }
  });

  test('revoke ends the tokens of a client now, and its binding gets another; of a tenant everything', async () => {
    const issuedAt = async () =>
      (await there.secret('other/api-token'))?.metadata.annotations?.['grantor.dev/issued-at'] ?? '';
    const before = await issuedAt();
    const doubtful = await admin('revoke', 'wib/api', '-n', 'other');
    expect(doubtful).toMatchObject({ code: 2, out: '' });
    expect(doubtful.err).toContain('nobody is here to confirm it; say --yes if it is meant');
    const client = await admin('revoke', 'wib/api', '-n', 'other', '--yes');
    expect(client.err).toBe('');
    expect(client.out).toMatch(
      /^oauthclient\/api: all tokens from before \S+ are revoked, and bindings get others; .* for at most \d+m\n$/,
    );
    await expect.poll(issuedAt, { timeout: 10_000 }).not.toBe(before);
    expect(
      (await there.object('client', 'other/api')).metadata.managedFields?.map(({ manager }) => manager),
    ).toContain('kubectl-grantor');

    const refused = await tenant('revoke', 'oac/api', '-n', 'shown', '--yes');
    expect(refused).toMatchObject({ code: 4, out: '' });
    expect(refused.err).toContain('you may not patch oauthclients.grantor.dev in namespace shown');

    const spec = (await there.object('tenant', 'other')).spec;
    const scope = await admin('revoke', 'tscope/other', '--yes', '--timeout', '30s');
    expect(scope.err).toBe('');
    expect(scope.out).toMatch(
      /^tenantscope\/other: suspended; \d clients and \d bindings have lost everything; .* until \S+\n$/,
    );
    expect(await there.secret('other/api-token')).toBeUndefined();
    expect((await there.object('tenant', 'other')).spec).toEqual({ ...spec, suspend: true });
  });

  test('somebody without any right is told which role it takes', async () => {
    const { code, err } = await nobody('tree', '-A');
    expect(code).toBe(4);
    expect(err).toContain('or have the ClusterRole grantor-admin bound to you');
  });
});
