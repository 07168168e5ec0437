import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { remember } from '../canary/remember.ts';
import { freePorts } from '../cluster/free-ports.ts';
import { applyManifests } from '../stage/manifests.ts';
import { Program } from '../stage/program.ts';
import { look } from './look.ts';
import { anIssuer, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

const token = 'a-token-of-nobody-at-all';
const kubeconfig = (server: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });

describe.runIf(onOwnControlPlane())('what cannot be reached is asked again and again, and named', () => {
  const stage = useStage();
  const see = look(stage);

  test('an API server: in readiness', async () => {
    const [port] = await freePorts(1);
    const file = join(stage.dir, 'unreachable');
    remember(token);
    writeFileSync(file, kubeconfig(`https://127.0.0.1:${port}`));
    const args = ['controller', '--kubeconfig', file, '--probes', '127.0.0.1:0'];
    const program = new Program({ args, logFile: `${file}.log` });
    try {
      const [, probes] = await program.says(/"probes":"([^"]+)"/);
      await program.says(/(trying again[^]*){2}/);
      const ready = await fetch(`${probes}/readyz`);
      expect(ready.status).toBe(503);
      expect(await ready.text()).toMatch(/waiting for the API server: .*refused/);
      expect((await fetch(`${probes}/healthz`)).status).toBe(200);
    } finally {
      const before = Date.now();
      await program.end('SIGTERM');
      expect(Date.now() - before).toBeLessThan(5000);
    }
  });

  test("an issuer: in its condition and its clients' and beside readiness; no other issuer suffers", async () => {
    const [port] = await freePorts(1);
    await applyManifests(stage.kube, [
      anIssuer({ url: stage.issuerURL }),
      anIssuer({ name: 'away', url: `https://127.0.0.1:${port}` }),
      ...aTenant('reaching', { issuers: ['main', 'away'] }),
      ...aWorkload('reaching'),
      ...aWorkload('reaching', 'lost', { client: { issuerRef: { name: 'away' } } }),
    ]);
    expect(await see.until('issuer', 'away', 'False IssuerUnavailable')).toContain(
      'the connection was refused',
    );
    await see.until('client', 'reaching/lost', 'False IssuerNotReady');
    await see.until('binding', 'reaching/lost', 'False ClientNotReady');
    await see.until('binding', 'reaching/api', 'True');
    const attempts = async (): Promise<number> => {
      const page = await (await fetch(`${stage.controller.probes}/metrics`)).text();
      return Number(
        /^grantor_issuer_requests_total\{issuer="away",operation="discover".*\} (\d+)/m.exec(page)?.[1] ?? 0,
      );
    };
    await expect.poll(attempts, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
    const ready = await fetch(`${stage.controller.probes}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([200, expect.stringContaining('away')]);
  });
});
