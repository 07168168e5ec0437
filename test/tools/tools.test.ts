import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { requiredVersion } from '../provision/go-build.ts';
import { goToolIfAny } from '../provision/go-tool.ts';
import { helm } from './helm/helm.ts';

const tools = [{ tool: helm, version: ['version', '--short'] }];
const provided = await Promise.all(
  tools.map(async (each) => ({ ...each, file: await goToolIfAny(each.tool) })),
);

for (const { tool, version, file } of provided)
  test.skipIf(file === undefined)(`${tool.name} is the one that is pinned`, async () => {
    const { stdout } = await promisify(execFile)(file!, version);
    expect(stdout).toContain(requiredVersion(tool.program.module, tool.of));
  });
