// `make manifests`: writes deploy/ from the chart. test/chart compares them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployFiles } from '../test/chart/deploy-files.ts';
import { ensureGoTool } from '../test/provision/go-tool.ts';
import { helm } from '../test/tools/helm/helm.ts';

const folder = join(import.meta.dirname, '../deploy');
for (const [name, content] of deployFiles(await ensureGoTool(helm, console.log)))
  writeFileSync(join(folder, name), content);
