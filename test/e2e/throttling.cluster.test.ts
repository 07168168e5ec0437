import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type QuirkyIssuer, startQuirkyIssuer } from '../fakes/quirky-issuer.ts';
import { answering, type Fault } from '../stage/issuer-proxy.ts';
import { applyManifests } from '../stage/manifests.ts';
import { look } from './look.ts';
import { aClient, anIssuer, aServiceAccount, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

const pause = 4;
const throttled =
  (retryAfter: () => string): Fault =>
  (forward) =>
    answering(429, {}, { 'retry-after': retryAfter(), date: new Date().toUTCString() })(forward);

describe.runIf(onOwnControlPlane())('an issuer that asks to wait', () => {
  const stage = useStage();
  const see = look(stage);
  let other: QuirkyIssuer;

  beforeAll(async () => {
    other = await startQuirkyIssuer();
    await applyManifests(stage.kube, [
      anIssuer({ url: stage.issuerURL }),
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'other', namespace: 'grantor-system' },
        data: { 'ca.crt': other.caBundle },
      },
      anIssuer({
        name: 'other',
        url: other.identifier,
        spec: {
          unenforcedCeiling: 'Accept',
          driver: { standard: {} },
          tls: { caBundleRef: { name: 'other', key: 'ca.crt' } },
        },
      }),
    ]);
  });
  afterAll(() => other.close());

  test.each<[string, () => string]>([
    ['seconds', () => String(pause)],
    ['a date', () => new Date(Date.now() + pause * 1000).toUTCString()],
  ])(
    'regression 16: 429 with Retry-After as %s pauses it for every tenant, and nobody else; living tokens stay',
    async (form, retryAfter) => {
      const [first, second] = [`throttled-${form.replace(' ', '-')}`, `waits-${form.replace(' ', '-')}`];
      const issuers = ['main', 'other'];
      await stage.apply([...aTenant(first), ...aTenant(second, { issuers }), ...aWorkload(first)]);
      await see.until('binding', `${first}/api`, 'True');
      const living = await see.secret(`${first}/api-token`);

      const mend = stage.proxy.fault({ method: 'POST' }, throttled(retryAfter));
      await stage.apply([aServiceAccount(first, 'late'), aClient(first, 'late')]);
      await see.until('client', `${first}/late`, 'False IssuerThrottled');
      const pausedAt = stage.proxy.requestsAbout(first).at(-1)!.at;
      mend();
      const elsewhere = {
        issuerRef: { name: 'other' },
        authentication: { secret: { secretRef: { name: 'credentials' } } },
      };
      await stage.apply([aServiceAccount(second), aClient(second), aClient(second, 'elsewhere', elsewhere)]);
      await see.until('client', `${second}/elsewhere`, 'True', { within: 3000 });
      expect(await see.condition('client', `${second}/api`)).not.toMatch(/^True/);

      await see.until('client', `${second}/api`, 'True');
      await see.until('client', `${first}/late`, 'True');
      const later = stage.proxy.requests.filter(({ at, method }) => method !== 'GET' && at > pausedAt);
      // A date has whole seconds, and so may be almost one earlier.
      expect(later[0]!.at - pausedAt).toBeGreaterThanOrEqual((pause - 1) * 1000);
      expect(await see.condition('binding', `${first}/api`)).toMatch(/^True Ready/);
      expect(await see.secret(`${first}/api-token`)).toEqual(living);
    },
  );
});
