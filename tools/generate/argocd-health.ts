import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { kinds } from '../../src/api/kinds.ts';
import { type GeneratedFile, generatedBy } from './generated-file.ts';

const folder = 'charts/grantor/argocd';

/** The health check for each of our kinds, as `argocd-cm` takes it: Argo CD has no key for all kinds of a group but one that newer versions know. */
export function argocdHealth(): readonly GeneratedFile[] {
  const lua = readFileSync(join(import.meta.dirname, '../..', folder, 'health.lua'), 'utf8');
  const data = Object.fromEntries(
    kinds.map(({ group, kind }) => [`resource.customizations.health.${group}_${kind}`, lua]),
  );
  const content = `# ${generatedBy(`${folder}/health.lua`)}
# To be merged into Argo CD's own ConfigMap: kubectl patch configmap argocd-cm -n argocd --patch-file ${folder}/argocd-cm.yaml
${stringify({ data }, { lineWidth: 0 })}`;
  return [{ path: `${folder}/argocd-cm.yaml`, content }];
}
