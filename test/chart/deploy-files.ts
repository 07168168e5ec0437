import { type Rendering, renderChart } from './render-chart.ts';

/** What deploy/ is made of: tokens in volumes and in Secrets everywhere, and an audience to put in the place of. */
const everything: Rendering = {
  values: {
    secretDelivery: { namespaces: ['*'] },
    audiences: [{ audience: 'https://login.example', expirationSeconds: 3600 }],
  },
};

/** `deploy/<folder>.yaml` by name: the manifests of each folder of the chart's templates, for those who do not use Helm. */
export function deployFiles(helm: string): ReadonlyMap<string, string> {
  const documents = renderChart(helm, everything)
    .split(/^---\n/m)
    .flatMap((text) => {
      const [, folder, document] = /^# Source: grantor\/templates\/(\w+)\/\S+\n([^]*)$/.exec(text) ?? [];
      return folder === undefined || document === undefined ? [] : [{ folder, document }];
    })
    .filter(({ folder }) => folder !== 'crds'); // they are in crds/
  const folders = [...new Set(documents.map(({ folder }) => folder))].sort();
  return new Map(
    folders.map((folder) => {
      const own = documents.filter((each) => each.folder === folder).map(({ document }) => document);
      return [`${folder}.yaml`, header + [...(first[folder] ?? []), ...own].join('---\n')];
    }),
  );
}

const header = '# Rendered from charts/grantor by `make manifests`. Do not edit.\n';

/** Helm makes the namespace by itself. The plug-in of nodes is privileged, which clusters may refuse where a namespace does not say so. */
const first: Readonly<Record<string, readonly string[]>> = {
  controller: [
    `apiVersion: v1
kind: Namespace
metadata:
  name: grantor-system
  labels:
    pod-security.kubernetes.io/enforce: privileged
`,
  ],
};
