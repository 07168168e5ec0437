import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpsClient, httpsClient } from '../issuers/https-client.ts';
import { hydraIsThere, startTestHydra } from '../issuers/test-issuers.ts';
import { scriptOf, stepsOf } from './page-script.ts';
import { pageAt } from './pages.ts';

describe.skipIf(!hydraIsThere())('the commands of docs/hydra.md', () => {
  let hydra: Awaited<ReturnType<typeof startTestHydra>>;
  let admin: HttpsClient;
  beforeAll(async () => {
    hydra = await startTestHydra();
    admin = httpsClient(hydra.adminUrl, hydra.caFile);
  });
  afterAll(async () => {
    await admin?.close();
    await hydra?.stop();
  });

  test('give each set a key for ES256, the newest', async () => {
    const keys = async (set: string): Promise<{ alg: string }[]> =>
      (await admin.expect('GET', `/admin/keys/${set}`)).body.keys;
    const sets = ['hydra.jwt.access-token', 'hydra.openid.id-token'];
    const before = await Promise.all(sets.map(keys));
    execFileSync('bash', ['-c', scriptOf(stepsOf(pageAt('docs/hydra.md')), '::')], {
      env: { ...process.env, HYDRA_ADMIN: hydra.adminUrl, CURL_CA_BUNDLE: hydra.caFile },
    });
    for (const [index, set] of sets.entries()) {
      const [newest, ...others] = await keys(set);
      expect(newest?.alg).toBe('ES256');
      expect(others).toHaveLength(before[index]?.length ?? 0);
    }
  });
});
