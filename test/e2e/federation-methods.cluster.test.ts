import { beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject } from '../../src/kube/objects.ts';
import { tokenPath } from '../fakes/quirky-issuer.ts';
import { look } from './look.ts';
import { anIssuer, aTenant, aWorkload, secretKind } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';
import { podAlone } from './workload-alone.ts';

const methods = ['ClientAssertion', 'JWTBearer', 'TokenExchange'] as const;
const grantTypes = {
  ClientAssertion: 'client_credentials',
  JWTBearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  TokenExchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
} as const;
const tenant = 'shows-its-token';
const spent = (at: { readonly path: string }) => at.path === tokenPath;

describe.runIf(onOwnControlPlane())('where the way changes in which ServiceAccount tokens are shown', () => {
  const stage = useStage();
  const see = look(stage);
  const key = `${tenant}/api`;
  const showBy = (method: (typeof methods)[number]) =>
    stage.apply([
      anIssuer({ url: stage.issuerURL, spec: { federation: { method, assertionReuse: 'Reusable' } } }),
    ]);
  const lastGrant = () =>
    new URLSearchParams(stage.proxy.requestsAbout(tenant).findLast(spent)?.body).get('grant_type');
  const issuedAt = async () => (await see.secret(`${key}-token`))?.metadata.resourceVersion;

  beforeAll(async () => {
    await showBy('TokenExchange');
    await stage.apply([
      ...aTenant(tenant),
      ...aWorkload(tenant, 'api', { client: { accessTokenLifetime: '10s', proofOfPossession: 'DPoP' } }),
    ]);
    await see.until('binding', key, 'True');
  });

  test.each(methods)(
    'to %s, the client keeps its id and its tokens are renewed in that way alone',
    async (method) => {
      const [clientID, before] = [await see.clientID(key), await issuedAt()];
      await showBy(method);
      await see.until('issuer', 'main', 'True');
      await expect.poll(lastGrant, { timeout: 15_000 }).toBe(grantTypes[method]);
      await expect.poll(issuedAt, { timeout: 15_000 }).not.toBe(before);
      expect(await see.condition('binding', key)).toMatch(/^True/);
      expect(await see.clientID(key)).toBe(clientID);
      expect((await see.content(`${key}-token`))?.['token_type']).toBe('DPoP');
      const alone = await podAlone(stage).asks(tenant, 'api', { client_id: clientID });
      // As client assertion, but without a proof of a key; or not in this way at all.
      const refusal = method === 'ClientAssertion' ? [400, 'invalid_grant'] : [401, 'invalid_client'];
      expect([alone.status, alone.error]).toEqual(refusal);
    },
  );

  test('nothing that a client could log in with is in any Secret', async () => {
    const secrets = await see.list<KubeObject & { readonly type: string; readonly data?: object }>(
      secretKind,
    );
    const ours = secrets.filter(({ type }) => type.startsWith('grantor.dev/'));
    expect(ours.length).toBeGreaterThan(1);
    const keys = ours.flatMap(({ data = {} }) => Object.keys(data));
    expect(keys.filter((name) => name === 'client_secret' || name.startsWith('private_key'))).toEqual([]);
  });
});
