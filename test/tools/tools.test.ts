import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { requiredVersion } from '../provision/go-build.ts';
import { goToolIfAny } from '../provision/go-tool.ts';
import { helm } from './helm/helm.ts';
import { kubeScore } from './kube-score/kube-score.ts';
import { kubeconform } from './kubeconform/kubeconform.ts';
import { promtool } from './promtool/promtool.ts';

const tools = [
  { tool: helm, version: ['version', '--short'] },
  { tool: kubeconform, version: ['-v'] },
  { tool: kubeScore, version: ['version'] },
  { tool: promtool, version: ['--version'] },
];

for (const { tool, version } of tools) {
  const file = await goToolIfAny(tool);
  test.skipIf(file === undefined)(`${tool.name} is the one that is pinned`, async () => {
    const { stdout } = await promisify(execFile)(file!, version);
    expect(stdout).toContain(requiredVersion(tool.program.module, tool.of));
  });
}
