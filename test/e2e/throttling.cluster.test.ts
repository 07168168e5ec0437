import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDelivered } from '../../src/delivery/token-secret.ts';
import { json, type QuirkyIssuer, startQuirkyIssuer, tokenPath } from '../fakes/quirky-issuer.ts';
import { answering, type Fault } from '../stage/issuer-proxy.ts';
import { applyManifests } from '../stage/manifests.ts';
import { look } from './look.ts';
import { aClient, anIssuer, aServiceAccount, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

/** Longer than a token of `lifetime` is served before its renewal. */
const pause = 9;
const lifetime = 10;
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

  /** Gives this tenant tokens at the other issuer that have to be renewed all the time. */
  const giveShortTokens = (tenant: string): void =>
    other.quirk(tokenPath, async (exchange) => {
      const [now, form] = [Math.floor(Date.now() / 1000), new URLSearchParams(exchange.body)];
      const [aud, asked] = [form.get('resource') ?? '', form.get('scope') ?? ''];
      const claims = { client_id: 'client-1', tenant_id: tenant, roles: ['reader'], aud, scope: asked };
      const access_token = await other.sign({ ...claims, iat: now, exp: now + lifetime });
      json(exchange, 200, { access_token, token_type: 'Bearer', expires_in: lifetime, scope: asked });
    });
  /** How often a binding's Secret was filled. */
  const generation = async (key: string): Promise<number> =>
    readDelivered((await see.secret(key))?.metadata ?? { name: '' })?.generation ?? 0;

  test.each<[form: string, endpoint: string, retryAfter: () => string]>([
    ['seconds', '/register', () => String(pause)],
    ['a date', '/register', () => new Date(Date.now() + pause * 1000).toUTCString()],
    ['seconds', '/token', () => String(pause)],
  ])(
    'regression 16: 429 with Retry-After as %s at %s pauses it for every tenant; tokens of another issuer go on rotating, living ones stay',
    async (form, endpoint, retryAfter) => {
      const name = `${form} ${endpoint}`.replaceAll(/\W+/g, '-');
      const [first, second] = [`throttled-${name}`, `waits-${name}`];
      const issuers = ['main', 'other'];
      await stage.apply([...aTenant(first), ...aTenant(second, { issuers }), ...aWorkload(first)]);
      await see.until('binding', `${first}/api`, 'True');
      const living = await see.secret(`${first}/api-token`);
      giveShortTokens(second);
      await stage.apply(aWorkload(second, 'elsewhere', { client: elsewhere }));
      await see.until('binding', `${second}/elsewhere`, 'True');

      const mend = stage.proxy.fault(
        { method: 'POST', path: new RegExp(`^${endpoint}$`) },
        throttled(retryAfter),
      );
      await stage.apply(aWorkload(first, 'late'));
      await see.until(endpoint === '/token' ? 'binding' : 'client', `${first}/late`, 'False IssuerThrottled');
      const pausedAt = stage.proxy.requestsAbout(first).at(-1)!.at;
      mend();
      const rotated = await generation(`${second}/elsewhere-token`);
      await stage.apply([aServiceAccount(second), aClient(second)]);
      await expect
        .poll(() => generation(`${second}/elsewhere-token`), { timeout: pause * 1000 })
        .toBeGreaterThan(rotated);
      expect(await see.condition('client', `${second}/api`)).not.toMatch(/^True/);

      await see.until('client', `${second}/api`, 'True', { within: 2 * pause * 1000 });
      await see.until('binding', `${first}/late`, 'True');
      const later = stage.proxy.requests.filter(({ at, method }) => method !== 'GET' && at > pausedAt);
      // A date has whole seconds, and so may be almost one earlier.
      expect(later[0]!.at - pausedAt).toBeGreaterThanOrEqual((pause - 1) * 1000);
      expect(await see.condition('binding', `${second}/elsewhere`)).toMatch(/^True Ready/);
      expect(await see.condition('binding', `${first}/api`)).toMatch(/^True Ready/);
      expect(await see.secret(`${first}/api-token`)).toEqual(living);
    },
  );
});

const elsewhere = {
  issuerRef: { name: 'other' },
  accessTokenLifetime: `${lifetime}s`,
  authentication: { secret: { secretRef: { name: 'credentials' } } },
};
