import { type Reach, type Rule, rights } from '../../src/cmd/rights.ts';
import { type GeneratedFile, generatedBy } from './generated-file.ts';
import { code, page, table } from './markdown.ts';

const source = 'src/cmd/rights.ts';

/** The rules of the chart's roles, and `docs/reference/rights.md` for whoever has to approve them. */
export const rightsFiles = (): readonly GeneratedFile[] => [
  { path: 'charts/grantor/templates/_rights.tpl', content: templates() },
  { path: 'docs/reference/rights.md', content: reference() },
];

const programs: Readonly<Record<keyof typeof rights, { readonly account: string; readonly text: string }>> = {
  controller: {
    account: 'grantor-controller',
    text: 'Runs as a Deployment. Its policies (deploy/admission.yaml) narrow further what RBAC cannot.',
  },
  node: {
    account: 'grantor-node',
    text: 'Runs on every node. It has no right on Secrets, ServiceAccounts, Nodes or Pods: who it asks for a token as, the kubelet hands it. Whoever steals it learns which clients and bindings there are, and gets no token.',
  },
  issuer: {
    account: 'grantor-issuer',
    text: 'The embedded issuer, where it is installed. What it reads is what `system:service-account-issuer-discovery` gives.',
  },
};
const reaches: Readonly<Record<Reach, string>> = {
  cluster: 'Everywhere',
  own: "In Grantor's own namespace",
  delivery: 'Where Secrets are delivered: the namespaces of `secretDelivery.namespaces`, by default none',
};

interface Part {
  readonly program: keyof typeof rights;
  readonly reach: Reach;
  readonly rules: readonly Rule[];
}

const parts = (program: keyof typeof rights): Part[] =>
  (Object.entries(rights[program]) as [Reach, readonly Rule[]][]).map(([reach, rules]) => ({
    ...{ program, reach, rules },
  }));
const names = Object.keys(programs) as (keyof typeof rights)[];

/** One named template for each role: a YAML list of rules, each below its reason. */
const templates = (): string =>
  [
    `{{/* ${generatedBy(source)} */}}`,
    ...names
      .flatMap(parts)
      .flatMap(({ program, reach, rules }) => [
        `{{- define "grantor.rights.${program}.${reach}" -}}`,
        ...rules.flatMap((rule) => [`# ${rule.because}`, ...yamlOf(rule)]),
        '{{- end }}',
      ]),
    '',
  ].join('\n');

function yamlOf({ apiGroups = [''], resources = [], nonResourceURLs, resourceNames, verbs }: Rule): string[] {
  const members = Object.entries(
    nonResourceURLs === undefined
      ? { apiGroups, resources, resourceNames, verbs }
      : { nonResourceURLs, verbs },
  ).flatMap(([name, words]) => (words === undefined ? [] : [`${name}: [${words.map(inYaml).join(', ')}]`]));
  return members.map((member, index) => (index === 0 ? `- ${member}` : `  ${member}`));
}

const inYaml = (word: string): string => (word === '' ? '""' : word);

const reference = (): string =>
  page(
    `<!-- ${generatedBy(source)} -->`,
    '# Rights',
    'What each program of Grantor may do at the API server, and nothing more: the roles of the chart are made from this list. The test suite reads the audit log of every API server that it used, and fails for a request that no rule covers and for a rule that nothing needed.',
    'Every ServiceAccount has besides what Kubernetes gives to all: discovery, and reviews of its own rights. Compare with `kubectl auth can-i --list --as=system:serviceaccount:grantor-system:grantor-controller`.',
    ...names.flatMap((program) => [
      `## ${programs[program].account}`,
      programs[program].text,
      ...parts(program).flatMap(({ reach, rules }) => [
        `### ${reaches[reach]}`,
        table(
          ['what', 'verbs', 'why'],
          rules.map((rule) => [targetsOf(rule).map(code).join(', '), rule.verbs.join(', '), rule.because]),
        ),
      ]),
    ]),
  );

/** `oauthclients.grantor.dev/status`, as kubectl names them. */
function targetsOf({
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: Rule): readonly string[] {
  const [group = ''] = apiGroups;
  const targets = resources.map((resource) =>
    resource.replace(/\/|$/, (slash) => (group && `.${group}`) + slash),
  );
  const named = resourceNames.flatMap((name) => targets.map((target) => `${target} ${name}`));
  return [...(named.length > 0 ? named : targets), ...nonResourceURLs];
}
