import { beforeAll, describe, expect, test } from 'vitest';
import { provideParts } from '../../tools/image/parts.ts';
import { ownPlatform } from '../../tools/image/platform.ts';
import { nodeObstacle } from '../cluster/node/availability.ts';
import { ensureNodePrograms } from '../cluster/node/programs.ts';
import { goToolIfAny } from '../provision/go-tool.ts';
import { helm } from '../tools/helm/helm.ts';
import { runPage, whyNoPages } from './own-network.ts';
import { stepsOf } from './page-script.ts';
import { pageAt } from './pages.ts';

const page = 'docs/quickstart.md';
const possible = (whyNoPages() ?? nodeObstacle()) === undefined && (await goToolIfAny(helm)) !== undefined;

describe.skipIf(!possible)('the quickstart', () => {
  // There is no way to other machines in the page's own network.
  beforeAll(async () => {
    await ensureNodePrograms(console.log);
    await provideParts(ownPlatform(), console.log);
  }, 900_000);

  test('leads from an empty cluster to a token in a pod, word by word', { timeout: 600_000 }, async () => {
    const start = Date.now();
    const told = await runPage(page, '--nodes', '2');
    const steps = stepsOf(pageAt(page));
    expect(told.trim().split('\n')).toEqual(steps.map(({ at }) => `${at} ran`));
    console.log(`[docs] the quickstart took ${((Date.now() - start) / 1000).toFixed(0)} s, nodes included`);
  });
});
