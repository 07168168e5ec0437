import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kinds } from '../../src/api/kinds.ts';
import type { SecretType } from '../../src/delivery/secret-manifest.ts';
import { parseManifests } from '../stage/manifests.ts';
import { controllerUser, nodeUser, root } from '../stage/stage.ts';

const textOf = (file: string): string => readFileSync(join(root, 'deploy', file), 'utf8');

interface Policy {
  readonly failurePolicy: string;
  readonly validations: readonly { readonly reason?: string; readonly message?: string }[];
}
interface Binding {
  readonly policyName: string;
  readonly validationActions: readonly string[];
}
interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

describe('deploy/admission.yaml', () => {
  const manifests = parseManifests(textOf('admission.yaml'));
  const policies = manifests.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
  const bindings = manifests.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');

  test('puts each policy in force, by a binding of the same name that denies', () => {
    expect(policies.length).toBeGreaterThan(0);
    const wanted = policies.map(({ metadata: { name } }) => [name, name, ['Deny']]);
    const found = bindings.map(({ metadata, spec }) => {
      const { policyName, validationActions } = spec as Binding;
      return [metadata.name, policyName, validationActions];
    });
    expect(found).toEqual(wanted);
  });

  test.each(policies.map(({ metadata, spec }) => [metadata.name, spec as Policy] as const))(
    '%s refuses what it cannot judge, and says in a sentence what it refuses',
    (_, { failurePolicy, validations }) => {
      expect(failurePolicy).toBe('Fail');
      for (const { reason, message = '' } of validations) {
        expect(reason).toBe('Forbidden');
        expect(message).toMatch(/^.{20,}$/);
      }
    },
  );

  test('knows all types of our Secrets, all our kinds, and no ServiceAccount but three', () => {
    const text = textOf('admission.yaml');
    // So that a new type does not compile until it stands here.
    const types = Object.keys({
      'grantor.dev/token': true,
      'grantor.dev/client': true,
      'grantor.dev/registration': true,
    } satisfies Record<SecretType, true>);
    expect(text).toContain(`variables.type in [${types.map((type) => `"${type}"`).join(', ')}]`);
    for (const { plural } of kinds) expect(text).toMatch(new RegExp(`resources: \\[[^\\]]*\\b${plural}\\b`));
    const accounts = new Set(text.match(/system:serviceaccount:[-:a-z]+/g));
    const collector = 'system:serviceaccount:kube-system:generic-garbage-collector';
    expect([...accounts].sort()).toEqual([controllerUser, nodeUser, collector].sort());
  });
});

describe('deploy/roles.yaml', () => {
  const roles = parseManifests(textOf('roles.yaml')).map((role) => ({
    name: role.metadata.name,
    aggregated: Object.keys(role.metadata.labels ?? {}).filter((label) => label.startsWith('rbac.')),
    rules: (role as { readonly rules?: readonly Rule[] }).rules ?? [],
  }));

  test('gives nobody a status, nor anything by a star', () => {
    const all = roles
      .flatMap(({ rules }) => rules)
      .flatMap(({ resources, verbs }) => [...resources, ...verbs]);
    expect(all.length).toBeGreaterThan(0);
    expect(all.filter((word) => word.includes('/') || word.includes('*'))).toEqual([]);
  });

  test('gives tenants their own kinds only: no ceiling and no issuer comes with a role of the cluster', () => {
    const aggregated = roles.filter((role) => role.aggregated.length > 0);
    expect(aggregated.map(({ name, aggregated }) => [name, ...aggregated])).toEqual([
      ['grantor-view', 'rbac.authorization.k8s.io/aggregate-to-view'],
      ['grantor-edit', 'rbac.authorization.k8s.io/aggregate-to-edit'],
    ]);
    const namespaced = kinds.filter((kind) => kind.namespaced).map(({ plural }) => plural);
    for (const { rules } of aggregated) {
      expect(rules.flatMap(({ resources }) => resources).sort()).toEqual([...namespaced].sort());
    }
  });

  test('lets viewers look, and nothing else', () => {
    const view = roles.find(({ name }) => name === 'grantor-view');
    expect(view?.rules.flatMap(({ verbs }) => verbs)).toEqual(['get', 'list', 'watch']);
  });
});

describe('deploy/node.yaml', () => {
  const manifests = parseManifests(textOf('node.yaml'));
  const specOf = (kind: string) => manifests.find((one) => one.kind === kind)?.spec;

  test('tells kubelets to say whose volume it is, to come again, and to hand tokens over where nothing logs them', () => {
    expect(specOf('CSIDriver')).toMatchObject({
      attachRequired: false,
      podInfoOnMount: true,
      requiresRepublish: true,
      volumeLifecycleModes: ['Ephemeral'],
      fsGroupPolicy: 'None',
      serviceAccountTokenInSecrets: true,
    });
  });

  test('shares with the node what it needs, and mounts only where they are made', () => {
    const { template } = specOf('DaemonSet') as { readonly template: { readonly spec: PodSpec } };
    const { containers, volumes, ...pod } = template.spec;
    const [container] = containers;
    expect(Object.keys(pod).filter((key) => key.startsWith('host'))).toEqual([]);
    expect(container?.securityContext).toEqual({
      privileged: true,
      runAsUser: 0,
      readOnlyRootFilesystem: true,
    });
    const mounts = container?.volumeMounts.map(({ mountPath, mountPropagation = 'None' }) => [
      mountPath,
      mountPropagation,
    ]);
    expect(mounts).toEqual([
      ['/var/lib/kubelet/plugins/csi.grantor.dev', 'Bidirectional'],
      ['/var/lib/kubelet/pods', 'Bidirectional'],
      ['/var/lib/kubelet/plugins_registry', 'None'],
    ]);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(container?.image).toMatch(new RegExp(`:${version}$`));
    // Paths are the same inside and outside: the kubelet names them as it knows them.
    expect(volumes.map(({ hostPath }) => hostPath.path)).toEqual(mounts?.map(([path]) => path));
  });
});

interface PodSpec {
  readonly containers: readonly {
    readonly image: string;
    readonly securityContext: object;
    readonly volumeMounts: readonly { readonly mountPath: string; readonly mountPropagation?: string }[];
  }[];
  readonly volumes: readonly { readonly hostPath: { readonly path: string } }[];
}
