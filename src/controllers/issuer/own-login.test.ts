import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FakeApiServer } from '../../../test/fakes/fake-api-server/fake-api-server.ts';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { anIssuer, withSpec } from '../../../test/gen/objects.ts';
import type { OAuthIssuer } from '../../api/oauth-issuer.ts';
import { err, ok } from '../../std/result.ts';
import { Secret } from '../../std/secret.ts';
import { ownLogin, ownToken } from './own-login.ts';

const namespace = 'grantor-system';
const secretKeyRef = { name: 'keycloak', key: 'credential' };
type Login = OAuthIssuer['spec']['login'];
const federated: Login = { federated: { clientID: 'grantor' } };
const bySecret: Login = { clientSecret: { clientID: 'grantor', secretKeyRef } };
const byKey: Login = { privateKey: { clientID: 'grantor', secretKeyRef } };

const pem = (namedCurve: string): string =>
  generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

function setUp(login: Login, credential?: string) {
  const kube = new FakeApiServer(new FakeClock());
  const store = (value: string): void =>
    void kube.put('secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: secretKeyRef.name },
      data: { [secretKeyRef.key]: Buffer.from(value).toString('base64') },
    } as never);
  if (credential !== undefined) store(credential);
  const asked: string[] = [];
  const made = ownLogin(
    anIssuer(
      withSpec({
        driver: { keycloak: { identityProvider: 'k' } },
        ...(login === undefined ? {} : { login }),
      }),
    ),
    {
      kube: kube.client(),
      namespace,
      ownAssertion: async (audience) => {
        asked.push(audience);
        return kube.tokenAudiences.length > 0
          ? err({ reason: 'TokenRequestFailed', message: 'no', retry: 'soon' })
          : ok(new Secret('own-token'));
      },
    },
  );
  return { made, asked, store, kube };
}

describe("how Grantor's own client proves itself", () => {
  it('is a token of its own ServiceAccount for the audience of the issuer', async () => {
    const { made, asked } = setUp(federated);
    expect(made?.clientID).toBe('grantor');
    expect(await made?.authenticate()).toMatchObject({
      ok: true,
      value: { method: 'Federated', by: 'ClientAssertion' },
    });
    expect(asked).toEqual([anIssuer().spec.issuer]);
  });

  it('is a secret of its own namespace, read anew each time', async () => {
    const { made, store } = setUp(bySecret, 'first\n');
    const secret = async () => {
      const proof = await made?.authenticate();
      return proof?.ok && proof.value.method === 'Secret' ? proof.value.clientSecret.reveal() : proof;
    };
    expect(await secret()).toBe('first');
    store('second');
    expect(await secret()).toBe('second');
  });

  it('is a key of its own namespace', async () => {
    const { made } = setUp(byKey, pem('P-256'));
    const proof = await made?.authenticate();
    const jwk = proof?.ok && proof.value.method === 'PrivateKey' ? proof.value.privateKey.reveal() : {};
    expect(jwk).toMatchObject({ kty: 'EC', crv: 'P-256', d: expect.any(String) });
  });

  it.each([
    ['a Secret that is not there', bySecret, undefined, 'cannot be read'],
    ['a key that is none', byKey, 'nonsense', 'is no P-256 key'],
    ['a key of another curve', byKey, pem('P-384'), 'is no P-256 key'],
  ])('is none with %s, and what is said has nothing of it', async (_, login, credential, said) => {
    const { made } = setUp(login, credential);
    const proof = await made?.authenticate();
    expect(proof).toMatchObject({ ok: false, error: { detail: expect.stringContaining(said) } });
    expect(JSON.stringify(proof)).not.toContain('nonsense');
  });

  it('is not needed where no clients are managed by it', () => {
    expect(setUp(undefined).made).toBeUndefined();
  });
});

describe('what Grantor shows to whoever guards the admin API of an issuer that asks nobody', () => {
  const shownAt = (adminAuthentication: 'None' | 'ServiceAccountToken') => {
    const asked: string[] = [];
    const issuer = anIssuer(
      withSpec({
        driver: { hydra: { adminURL: 'https://admin.example', adminAuthentication, tokenHook: [] } },
      }),
    );
    const token = ownToken(issuer, {
      kube: new FakeApiServer(new FakeClock()).client(),
      namespace,
      ownAssertion: async (audience) => {
        asked.push(audience);
        return ok(new Secret('own-token'));
      },
    });
    return { token, asked };
  };

  it('is a token of its own ServiceAccount, with the audience of the issuer', async () => {
    const { token, asked } = shownAt('ServiceAccountToken');
    expect(await token?.()).toMatchObject({ ok: true });
    expect(asked).toEqual(['https://login.example/oauth2/token']);
  });

  it('is nothing where nobody asks', () => {
    expect(shownAt('None').token).toBeUndefined();
  });
});
