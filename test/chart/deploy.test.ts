import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { goToolIfAny } from '../provision/go-tool.ts';
import { helm } from '../tools/helm/helm.ts';
import { deployFiles } from './deploy-files.ts';

const program = await goToolIfAny(helm);
const folder = join(import.meta.dirname, '../../deploy');

test.skipIf(program === undefined)('deploy/ is what the chart renders: `make manifests` writes it', () => {
  const found = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
  expect(new Map(found as [string, string][])).toEqual(deployFiles(program!));
});
