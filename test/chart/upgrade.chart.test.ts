import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { aWorkload } from '../e2e/objects.ts';
import { aDeployment, reader } from '../node/pods.ts';
import { canInstall } from './cluster-under-test.ts';
import { describePlugIn } from './describe-plug-in.ts';
import { unpackOlderChart } from './older-chart.ts';
import { ourChart } from './our-chart.ts';
import { home, useChart } from './use-chart.ts';

/** Tokens of the one are not due for as long as this takes. Those of the other often are, and early enough: what is left of their life is longer
    than the replacement of a plug-in takes, and the kubelet to call it again, as it is where tokens live for minutes. */
const [calm, hasty] = ['calm', 'hasty'];
/** A first token is renewed after a twentieth of its life at the earliest. */
const long = { accessTokenLifetime: '24h' };

/** What a reader printed, and when. */
interface Line {
  readonly at: number;
  readonly jti?: string;
  readonly exp?: number;
  readonly wrong?: string;
}

describe.runIf(canInstall())('while Grantor is upgraded from the chart before', () => {
  const on = useChart();
  const dir = mkdtempSync(join(tmpdir(), 'grantor-older-chart-'));
  const values = { secretDelivery: { namespaces: [calm] } };

  beforeAll(async () => {
    // A role is bound in it.
    await on.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: calm } });
    // As another image would be, this is a reason to replace its pods.
    const marked = { podAnnotations: { release: 'before' } };
    await on.install({ ...values, controller: marked, node: marked }, unpackOlderChart(dir));
    await on.tenant(calm, { tokens: { maxLifetime: '24h' }, client: long });
    await on.tenant(hasty, {
      client: { accessTokenLifetime: '45s' },
      binding: { rotation: { renewAtPercent: 30 } },
    });
    await on.apply(...aWorkload(calm, 'kept', { client: long }));
    for (const namespace of [calm, hasty])
      await on.apply(aDeployment(namespace, 'reader', on.nodes.length, { script: reader }));
    for (const namespace of [calm, hasty]) await on.ready(namespace, on.nodes.length);
    const kept = ['wait', '--for=create', 'secret/kept-token', '--timeout=30s'];
    await on.kubectl([`--namespace=${calm}`, ...kept]);
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  const lines = async (namespace: string): Promise<Line[][]> =>
    Promise.all(
      (await on.pods(namespace)).map(async ({ metadata }) => {
        const log = await on.kubectl([`--namespace=${namespace}`, 'logs', '--timestamps', metadata.name]);
        return log
          .split('\n')
          .filter(Boolean)
          .map((line) => {
            const [time = '', said = ''] = line.split(/ (.*)/);
            return { ...JSON.parse(said), at: Date.parse(time) };
          });
      }),
    );
  const issuedTo = async (namespace: string): Promise<number> =>
    (await on.issuer.audit()).filter(
      ({ event, subject = '' }) => event === 'token.issued' && subject.includes(`:${namespace}:`),
    ).length;
  const registered = async (): Promise<number> =>
    (await on.issuer.audit()).filter(({ event }) => event === 'client.registered').length;
  const secret = (): Promise<string> =>
    on.kubectl([
      `--namespace=${calm}`,
      'get',
      'secret/kept-token',
      '--output=jsonpath={.metadata.resourceVersion}',
    ]);
  const programs = async (): Promise<string[]> => (await on.pods(home)).map(({ metadata }) => metadata.uid);

  /** Does something to all of Grantor, and expects that readers see nothing of it but renewals that were due. */
  async function survive(happens: () => Promise<unknown>): Promise<void> {
    const before = { programs: await programs(), secret: await secret(), registered: await registered() };
    const issued = await issuedTo(calm);
    await happens();
    // Helm does not wait for the last one of a Deployment that may lack one.
    await vi.waitFor(
      async () => {
        const after = await programs();
        expect(after.filter((uid) => before.programs.includes(uid))).toEqual([]);
      },
      { timeout: 30_000, interval: 250 },
    );
    const renewed = await issuedTo(hasty);
    await vi.waitFor(
      async () => expect(await issuedTo(hasty)).toBeGreaterThanOrEqual(renewed + on.nodes.length),
      { timeout: 40_000, interval: 500 },
    );
    expect(await issuedTo(calm)).toBe(issued);
    expect({ secret: await secret(), registered: await registered() }).toMatchObject({
      secret: before.secret,
      registered: before.registered,
    });
    for (const said of (await Promise.all([calm, hasty].map(lines))).flat()) {
      expect(said.filter(({ wrong }) => wrong !== undefined)).toEqual([]);
      // Each came before the one before it had expired.
      for (const [index, { at }] of said.entries())
        if (index > 0) expect(at).toBeLessThan((said[index - 1]?.exp ?? 0) * 1000);
    }
  }

  /** What the older kinds lack; not by using it, as kubectl remembers what was there. */
  const shortNames = (): Promise<string> =>
    on.kubectl(['get', 'crd/oauthclients.grantor.dev', '--output=jsonpath={.spec.names.shortNames}']);

  test('no token is missing, expired, or asked for before it is due, and the kinds get what is new', async () => {
    expect(await shortNames()).toBe('');
    await survive(() => on.install(values));
    expect(await shortNames()).toBe('["oac"]');
  }, 90_000);

  test('nor while it is rolled back, and the kinds with it', async () => {
    const options = [`--namespace=${home}`, '--wait', '--timeout=60s'];
    await survive(() => on.helm(['rollback', 'grantor', '1', ...options]));
    expect(await shortNames()).toBe('');
  }, 90_000);

  test('kinds that an uninstalled release left are brought up to date as docs/upgrade.md says', async () => {
    await on.uninstall();
    await expect(on.install(values)).rejects.toThrow('were left by grantor-0.1.0');
    const shown = ['--show-only=templates/crds/crds.yaml', `--namespace=${home}`];
    const kinds = await on.helm(['template', 'grantor', ourChart, ...shown], on.values);
    await on.kubectl(['apply', '--server-side', '--force-conflicts', '--filename=-'], kinds);
    expect(await shortNames()).toBe('["oac"]');
    await on.install(values);
    expect(await shortNames()).toBe('["oac"]');
  }, 90_000);

  // Where all of that is there anyway.
  describePlugIn(on, calm);
});
