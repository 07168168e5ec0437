import { describe, expect, test } from 'vitest';
import { goToolIfAny } from '../provision/go-tool.ts';
import { type Manifest, parseManifests } from '../stage/manifests.ts';
import { helm } from '../tools/helm/helm.ts';
import { type Rendering, renderChart } from './render-chart.ts';
import { valueSets } from './value-sets.ts';

const program = await goToolIfAny(helm);

interface Rule {
  readonly resources?: readonly string[];
  readonly verbs: readonly string[];
}
interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly resources: { readonly requests: object; readonly limits: object };
}
interface PodSpec {
  readonly containers: readonly [Container];
  readonly volumes: readonly object[];
  readonly hostNetwork?: boolean;
}

describe.skipIf(program === undefined)('the chart', () => {
  const render = (rendering: Rendering): readonly Manifest[] =>
    parseManifests(renderChart(program!, rendering));
  const withValues = (values: object): readonly Manifest[] => render({ values });
  const named = (manifests: readonly Manifest[], kind: string, name: string): Manifest | undefined =>
    manifests.find((each) => each.kind === kind && each.metadata.name === name);
  const podsOf = (manifests: readonly Manifest[]): readonly PodSpec[] =>
    manifests.flatMap(({ spec = {} }) => {
      const { template }: { readonly template?: { readonly spec: PodSpec } } = spec;
      return template?.spec ?? [];
    });
  const controllerOf = (manifests: readonly Manifest[]): PodSpec =>
    podsOf(manifests).find(({ containers: [{ args }] }) => args[0] === 'controller')!;

  /** Where each role that says something of `resource` holds; `*` is everywhere. */
  const reachOf = (manifests: readonly Manifest[], resource: string): string[] => {
    const rulesOf = (kind: string, name: string): readonly Rule[] => {
      const role: Partial<Manifest> & { readonly rules?: readonly Rule[] } =
        named(manifests, kind, name) ?? {};
      return role.rules ?? [];
    };
    return manifests.flatMap((binding) => {
      if (!binding.kind.endsWith('RoleBinding')) return [];
      const { roleRef } = binding as Manifest & { roleRef: { kind: string; name: string } };
      const speaks = rulesOf(roleRef.kind, roleRef.name).some((rule) => rule.resources?.includes(resource));
      return speaks ? [binding.metadata.namespace ?? '*'] : [];
    });
  };

  test('sends who is on call to where the runbooks are kept', () => {
    const metrics = { prometheusRule: { enabled: true, runbooks: 'https://wiki.example/grantor' } };
    const rules = JSON.stringify(named(withValues({ metrics }), 'PrometheusRule', 'grantor'));
    expect(rules).toContain('"runbook_url":"https://wiki.example/grantor/GrantorNoLeader"');
    expect(rules).not.toContain('grantor.dev/docs');
  });

  test.each(['as it comes', 'volumes only', 'the embedded issuer'] as const)(
    'has no right on Secrets outside its own namespace, and asks for no tokens of ServiceAccounts: %s',
    (name) => {
      const manifests = withValues(valueSets[name]);
      expect(reachOf(manifests, 'secrets')).toEqual(['grantor-system']);
      expect(reachOf(manifests, 'serviceaccounts/token')).toEqual([]);
      expect(controllerOf(manifests).containers[0].args).toContain('--secret-namespaces=');
    },
  );

  test('has these rights in the namespaces that are listed, and tells the controller of the same', () => {
    const manifests = withValues(valueSets['Secrets in some namespaces']);
    expect(reachOf(manifests, 'secrets').sort()).toEqual(['acme-prod', 'acme-test', 'grantor-system']);
    expect(reachOf(manifests, 'serviceaccounts/token').sort()).toEqual(['acme-prod', 'acme-test']);
    expect(controllerOf(manifests).containers[0].args).toContain('--secret-namespaces=acme-prod,acme-test');
    const everywhere = withValues(valueSets.everything);
    expect(reachOf(everywhere, 'serviceaccounts/token')).toEqual(['*']);
    expect(controllerOf(everywhere).containers[0].args).toContain('--secret-namespaces=*');
  });

  test('makes the list of audiences, what kubelets bring, and what the controller logs in with of one value', () => {
    const manifests = withValues(valueSets.everything);
    const audiences = [
      'https://login.example/realms/prod',
      'https://once.example',
      'https://172.31.0.7:8443',
    ];
    expect(Object.values(named(manifests, 'ConfigMap', 'grantor-audiences')?.data ?? {})).toEqual(audiences);
    expect(named(manifests, 'CSIDriver', 'csi.grantor.dev')?.spec).toMatchObject({
      tokenRequests: [
        { audience: audiences[0], expirationSeconds: 3600 },
        { audience: audiences[1], expirationSeconds: 600 },
        { audience: audiences[2], expirationSeconds: 3600 },
      ],
    });
    expect(controllerOf(manifests).volumes).toMatchObject([
      { projected: { sources: audiences.map((audience) => ({ serviceAccountToken: { audience } })) } },
    ]);
  });

  test('says to a Kubernetes before 1.35 nothing that it does not know', () => {
    const driver = (kubernetes: string) =>
      named(render({ values: valueSets['volumes only'], kubernetes }), 'CSIDriver', 'csi.grantor.dev')?.spec;
    expect(driver('1.34.0')).not.toHaveProperty('serviceAccountTokenInSecrets');
    // As GKE and EKS write it.
    expect(driver('1.35.2-gke.100')).toHaveProperty('serviceAccountTokenInSecrets', true);
    expect(() => driver('1.33.9')).toThrow('chart requires kubeVersion: >=1.34.0-0');
  });

  test('knows its namespace in policies, and no other', () => {
    const text = renderChart(program!, { values: valueSets.everything, namespace: 'auth' });
    expect(text).toContain('"system:serviceaccount:auth:grantor-controller"');
    expect(text).not.toContain('grantor-system"');
    const elsewhere = parseManifests(text).filter(
      ({ metadata }) => (metadata.namespace ?? 'auth') !== 'auth',
    );
    expect(elsewhere).toEqual([]);
  });

  test('keeps the kinds when it is uninstalled, unless it is told otherwise', () => {
    const policiesOf = (values: object): unknown[] =>
      withValues(values)
        .filter(({ kind }) => kind === 'CustomResourceDefinition')
        .map(({ metadata }) => metadata.annotations?.['helm.sh/resource-policy']);
    expect(policiesOf({})).toEqual(['keep', 'keep', 'keep', 'keep']);
    expect(policiesOf({ crds: { keep: false } })).toEqual([undefined, undefined, undefined, undefined]);
    expect(policiesOf({ crds: { enabled: false } })).toEqual([]);
  });

  test('replaces pods for a change of the chart only where it says something of them', () => {
    const labels = withValues(valueSets.everything).flatMap(({ spec = {} }) => {
      const { template }: { readonly template?: { readonly metadata: Manifest['metadata'] } } = spec;
      return template === undefined ? [] : [Object.keys(template.metadata.labels ?? {})];
    });
    expect(labels).toHaveLength(3);
    for (const names of labels) {
      expect(names).toContain('team');
      expect(names).not.toContain('helm.sh/chart');
    }
  });

  test('takes every image from the mirror that is named, by its digest', () => {
    const images = podsOf(withValues(valueSets.everything)).map(({ containers: [{ image }] }) => image);
    expect(images).toHaveLength(3);
    expect(new Set(images)).toEqual(new Set([`mirror.example/grantor@sha256:${'0a'.repeat(32)}`]));
  });

  test('tells the controller and the nodes of the same name for the cluster, where it is given', () => {
    const toldOf = (values: object): unknown[] =>
      podsOf(withValues(values)).flatMap(({ containers: [{ args }] }) =>
        args.filter((arg) => arg.startsWith('--cluster-id')).map((arg) => `${args[0]} ${arg}`),
      );
    expect(toldOf(valueSets.everything)).toEqual(
      expect.arrayContaining(['controller --cluster-id=prod-1', 'node --cluster-id=prod-1']),
    );
    expect(toldOf({})).toEqual([]);
  });

  test('reaches issuers through the proxy and the API server never', () => {
    for (const { containers } of podsOf(withValues(valueSets.everything))) {
      const env = Object.fromEntries((containers[0].env ?? []).map(({ name, value }) => [name, value]));
      expect(env).toMatchObject({
        KUBERNETES_SERVICE_HOST: '172.31.255.1',
        KUBERNETES_SERVICE_PORT: '7443',
        HTTPS_PROXY: 'http://proxy.example:3128',
        NO_PROXY: 'issuer.internal,.svc,.cluster.local,$(KUBERNETES_SERVICE_HOST)',
      });
    }
  });

  test('sends traces from all of its pods where a collector is named, and says nothing of them otherwise', () => {
    const ofTracing = (values: object) =>
      podsOf(withValues(values)).map(({ containers }) =>
        Object.fromEntries(
          (containers[0].env ?? []).flatMap(({ name, value, valueFrom }) =>
            name.startsWith('OTEL_') ? [[name, value ?? valueFrom]] : [],
          ),
        ),
      );
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example:4318/otlp',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.1',
      OTEL_EXPORTER_OTLP_HEADERS: { secretKeyRef: { name: 'collector', key: 'headers' } },
      OTEL_RESOURCE_ATTRIBUTES:
        'k8s.namespace.name=grantor-system,k8s.pod.name=$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME),k8s.node.name=$(OTEL_RESOURCE_ATTRIBUTES_NODE_NAME)',
      OTEL_RESOURCE_ATTRIBUTES_POD_NAME: { fieldRef: { fieldPath: 'metadata.name' } },
      OTEL_RESOURCE_ATTRIBUTES_NODE_NAME: { fieldRef: { fieldPath: 'spec.nodeName' } },
    };
    expect(ofTracing(valueSets.everything)).toEqual([env, env, env]);
    expect(ofTracing(valueSets['the embedded issuer'])).toEqual([{}, {}, {}]);
  });

  test.each([
    ['http://collector.monitoring:4318', 4318],
    ['http://collector.monitoring/', 80],
    ['https://collector.example/otlp', 443],
  ])('lets traces out to the port of %s', (endpoint, port) => {
    const policies = withValues({
      tracing: { endpoint },
      networkPolicy: { issuerPorts: [9999], apiServerPorts: [] },
    });
    const { egress }: { readonly egress?: readonly object[] } =
      named(policies, 'NetworkPolicy', 'grantor-controller')?.spec ?? {};
    expect(egress).toContainEqual({ ports: [{ protocol: 'TCP', port }] });
  });

  test('lets nothing in or out of its pods but to the ports that are named', () => {
    const policies = withValues(valueSets.everything).filter(({ kind }) => kind === 'NetworkPolicy');
    const portsOf = (name: string, direction: 'ingress' | 'egress'): number[] => {
      const spec = policies.find(({ metadata }) => metadata.name === name)?.spec as
        | Record<string, readonly { readonly ports: readonly { readonly port: number }[] }[]>
        | undefined;
      return (spec?.[direction] ?? []).flatMap(({ ports }) => ports.map(({ port }) => port));
    };
    const out = [53, 53, 5353, 5353, 443, 6443, 8443, 7443, 3128, 4318, 8443];
    expect(portsOf('grantor-controller', 'ingress')).toEqual([8080]);
    expect(portsOf('grantor-node', 'ingress')).toEqual([8081]);
    expect(portsOf('grantor-issuer', 'ingress')).toEqual([8443]);
    for (const part of ['controller', 'node', 'issuer'])
      expect(portsOf(`grantor-${part}`, 'egress')).toEqual(out);
    expect(policies.find(({ metadata }) => metadata.name === 'grantor-default-deny')?.spec).toEqual({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'grantor' } },
      policyTypes: ['Ingress', 'Egress'],
    });
  });

  test('gives every container what it may count on, and a limit of memory', () => {
    for (const { containers } of podsOf(withValues(valueSets['the embedded issuer'])))
      expect(containers[0].resources).toEqual({
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.any(String) },
      });
  });

  test.each<[string, object, string]>([
    ['a word that is no value', { controler: {} }, "additional properties 'controler' not allowed"],
    [
      'a text for a number',
      { controller: { replicas: 'two' } },
      "at '/controller/replicas': got string, want integer",
    ],
    [
      'a list for a namespace',
      { secretDelivery: { namespaces: ['Acme Prod'] } },
      "at '/secretDelivery/namespaces/0'",
    ],
    [
      'tokens that live too short',
      { audiences: [{ audience: 'a', expirationSeconds: 60 }] },
      "at '/audiences/0/expirationSeconds': minimum: got 60, want 600",
    ],
    ['a tag for a digest', { image: { digest: 'v1' } }, "at '/image/digest'"],
    [
      'the audience of the API server',
      { audiences: [{ audience: 'https://kubernetes.default.svc' }] },
      "audiences: https://kubernetes.default.svc is the API server's own",
    ],
    [
      'the audience of an API server with another name',
      {
        serviceAccountIssuer: 'https://oidc.eks.example/id/1',
        audiences: [{ audience: 'https://oidc.eks.example/id/1' }],
      },
      "audiences: https://oidc.eks.example/id/1 is the API server's own",
    ],
    [
      'an audience twice',
      { audiences: [{ audience: 'a' }, { audience: 'a' }] },
      'audiences: a is there twice.',
    ],
    ['everywhere and somewhere', { secretDelivery: { namespaces: ['*', 'a'] } }, '"*" is every namespace'],
    [
      "tokens in Grantor's own namespace",
      { secretDelivery: { namespaces: ['grantor-system'] } },
      "grantor-system is Grantor's own",
    ],
    ['no way to deliver', { node: { enabled: false } }, 'no token could be delivered anywhere'],
    [
      'two programs on one port',
      { hostNetwork: true, node: { port: 8080 } },
      'controller.port and node.port',
    ],
    ['a collector that is no URL', { tracing: { endpoint: 'collector:4317' } }, "at '/tracing/endpoint'"],
    [
      'a label by which the chart finds its own',
      { commonLabels: { 'app.kubernetes.io/name': 'x' } },
      "commonLabels: app.kubernetes.io/name is the chart's to set.",
    ],
    [
      'a label that gives its rights to others',
      { commonLabels: { 'rbac.authorization.k8s.io/aggregate-to-edit': 'true' } },
      "is the chart's to set",
    ],
  ])('refuses %s in a line that names it', (_, values, line) => {
    expect(() => withValues(values)).toThrow(line);
  });
});
