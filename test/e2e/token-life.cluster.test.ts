import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { json, type QuirkyIssuer, startQuirkyIssuer, tokenPath } from '../fakes/quirky-issuer.ts';
import { installAudience } from '../stage/audiences.ts';
import { applyManifests } from '../stage/manifests.ts';
import { look } from './look.ts';
import { anIssuer, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

interface Row {
  readonly name: string;
  /** How far the issuer's clock is ahead, in seconds. */
  readonly ahead?: number;
  /** `expires_in` of the answer; left out where it is undefined. */
  readonly expiresIn?: unknown;
  /** `exp` − `iat` of the token, in seconds. */
  readonly life?: number;
  readonly ready: string;
  /** How long it may be served at most, in seconds. */
  readonly servedFor?: number;
}

const rows: readonly Row[] = [
  { name: 'ahead', ahead: 300, expiresIn: 300, ready: 'True', servedFor: 300 },
  // Its `exp` is before it arrives.
  { name: 'behind', ahead: -300, expiresIn: 300, ready: 'False ClockSkew' },
  { name: 'behind-long', ahead: -300, expiresIn: 600, life: 600, ready: 'True', servedFor: 300 },
  { name: 'missing', ready: 'True', servedFor: 300 },
  { name: 'zero', expiresIn: 0, ready: 'False IssuerMisbehaved' },
  { name: 'negative', expiresIn: -1, ready: 'False IssuerMisbehaved' },
  { name: 'huge', expiresIn: 1e12, ready: 'True', servedFor: 300 },
  { name: 'number-as-string', expiresIn: '120', ready: 'True', servedFor: 120 },
  { name: 'words', expiresIn: 'soon', ready: 'False IssuerMisbehaved' },
  { name: 'token-lives-too-long', expiresIn: 300, life: 86_400, ready: 'False TokenRefused' },
  { name: 'shorter-than-its-token', expiresIn: 60, ready: 'True', servedFor: 60 },
];

const tenantOf = (name: string): string => `life-${name}`;

describe.runIf(onOwnControlPlane())(
  'regression 22: the life of a token, whatever clock and answer say',
  () => {
    const stage = useStage();
    const see = look(stage);
    let issuer: QuirkyIssuer;

    beforeAll(async () => {
      issuer = await startQuirkyIssuer();
      issuer.quirk(tokenPath, async (exchange) => {
        const form = new URLSearchParams(exchange.body);
        const tenant = form.get('client_id') ?? '';
        const { ahead = 0, life = 300, expiresIn } = rows.find(({ name }) => tenantOf(name) === tenant) ?? {};
        const iat = Math.floor(Date.now() / 1000) + ahead;
        const claims = {
          aud: form.get('resource') ?? '',
          client_id: tenant,
          tenant_id: tenant,
          roles: ['reader'],
          iat,
          exp: iat + life,
        };
        json(exchange, 200, {
          access_token: await issuer.sign(claims),
          token_type: 'Bearer',
          expires_in: expiresIn,
        });
      });
      await installAudience(stage.kube, 'quirky', issuer.identifier);
      await applyManifests(stage.kube, [
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'quirky', namespace: 'grantor-system' },
          data: { 'ca.crt': issuer.caBundle },
        },
        anIssuer({
          url: issuer.identifier,
          spec: {
            driver: { static: {} },
            unenforcedCeiling: 'Accept',
            tls: { caBundleRef: { name: 'quirky', key: 'ca.crt' } },
          },
        }),
        ...rows.flatMap(({ name }) => {
          const tenant = tenantOf(name);
          return [...aTenant(tenant), ...aWorkload(tenant, 'api', { client: { clientID: tenant } })];
        }),
      ]);
    });
    afterAll(() => issuer.close());

    test.each(rows)('$name: $ready', async ({ name, ready, servedFor }) => {
      const key = `${tenantOf(name)}/api`;
      const said = await see.until('binding', key, ready);
      const { expires_at } = (await see.content(`${key}-token`)) ?? {};
      if (servedFor === undefined) {
        expect(expires_at).toBeUndefined();
        expect(said.length).toBeGreaterThan(ready.length + 20); // it is explained
        return;
      }
      const served = (Date.parse(expires_at ?? '') - Date.now()) / 1000;
      expect(served).toBeLessThanOrEqual(servedFor);
      expect(served).toBeGreaterThan(servedFor - 20);
    });

    test('none of them makes a hot loop', async () => {
      await sleep(systemClock, seconds(2));
      const asked = issuer.requests.filter(({ path }) => path === tokenPath);
      const counts = rows.map(
        ({ name }) => asked.filter(({ body }) => body.includes(`client_id=${tenantOf(name)}&`)).length,
      );
      // What may pass is tried again after about 1, 2 and 4 s.
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
      expect(Math.max(...counts)).toBeLessThanOrEqual(5);
    });
  },
);
