import { stringify } from 'yaml';
import { unseenStatus } from '../../src/api/conditions.ts';
import type { Kind } from '../../src/api/kind.ts';
import { kinds } from '../../src/api/kinds.ts';
import { type GeneratedFile, generatedBy } from './generated-file.ts';
import { structuralSchemaOf } from './structural-schema.ts';

/** `crds/*.yaml`, one for each kind, and the same for the chart, which cannot read outside its own folder. */
export const customResourceDefinitions = (): readonly GeneratedFile[] =>
  ['crds', 'charts/grantor/files/crds'].flatMap((folder) =>
    kinds.map((kind) => ({
      path: `${folder}/${kind.group}_${kind.plural}.yaml`,
      content: `# ${generatedBy('src/api')}\n${stringify(customResourceDefinition(kind), { lineWidth: 0, aliasDuplicateObjects: false })}`,
    })),
  );

/** The CustomResourceDefinition (apiextensions.k8s.io/v1) of a kind. */
function customResourceDefinition(kind: Kind) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${kind.group}` },
    spec: {
      group: kind.group,
      scope: kind.namespaced ? 'Namespaced' : 'Cluster',
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.kind.toLowerCase(),
        shortNames: [kind.shortName],
        categories: ['grantor'],
      },
      versions: [
        {
          name: kind.version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: kind.columns.map(({ wide, ...column }) => ({
            ...column,
            ...(wide && { priority: 1 }),
          })),
          schema: { openAPIV3Schema: rootSchema(kind) },
        },
      ],
    },
  };
}

const rootSchema = (kind: Kind) => ({
  description: kind.description,
  type: 'object',
  required: ['spec'],
  properties: {
    apiVersion: { description: `\`${kind.group}/${kind.version}\`.`, type: 'string' },
    kind: { description: `\`${kind.kind}\`.`, type: 'string' },
    metadata: { type: 'object' },
    spec: { description: 'What is wanted.', ...structuralSchemaOf(kind.spec) },
    status: {
      description: 'How things are, as last seen by the controller.',
      ...structuralSchemaOf(kind.status),
      default: unseenStatus,
    },
  },
});
