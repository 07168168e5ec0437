import { describe, expect, test } from 'vitest';
import { seconds } from '../../src/std/duration.ts';
import {
  aServiceAccount,
  expectOk,
  type KubeUnderTest,
  kindOf,
  otherUID,
  serviceAccounts,
} from './kube-client-data.ts';

/** TokenRequest of authentication.k8s.io/v1. */
export function describeTokenRequests(under: () => KubeUnderTest): void {
  describe('requestToken', () => {
    test('gives a token of exactly the ServiceAccount that was meant', async () => {
      const { client, namespace } = under();
      const at = { namespace, name: 'token' };
      const account = expectOk(await client.create(serviceAccounts, aServiceAccount(at)));
      const { uid, creationTimestamp = '' } = account.metadata;
      const wish = { audiences: ['https://issuer.example'], expiration: seconds(600) };
      const { token, expiresAt, keyID } = expectOk(await client.requestToken(at, { ...wish, uid }));
      const [header, payload] = token
        .reveal()
        .split('.')
        .map((part) => Buffer.from(part, 'base64url').toString());
      expect(keyID).toBe(JSON.parse(header ?? '').kid);
      expect(JSON.parse(payload ?? '')).toMatchObject({
        aud: wish.audiences,
        sub: `system:serviceaccount:${namespace}:token`,
        'kubernetes.io': { serviceaccount: { uid } },
      });
      expect(expiresAt - Date.parse(creationTimestamp)).toBeGreaterThan(590_000);
    });

    test('is verified by keys that the server names, in a media type of their own', async () => {
      const { keys } = expectOk(await under().client.getPath('/openid/v1/jwks')) as {
        readonly keys: readonly { readonly kid: string }[];
      };
      expect(keys.length).toBeGreaterThan(0);
      for (const { kid } of keys) expect(kid).toMatch(/^[\w-]+$/);
    });

    test('whoAmI names a user, and what time it is', async () => {
      const { client, namespace } = under();
      const made = await client.create(serviceAccounts, aServiceAccount({ namespace, name: 'a-moment-ago' }));
      const { creationTimestamp = '' } = expectOk(made).metadata;
      const { username, at = 0 } = expectOk(await client.whoAmI());
      expect(username).toMatch(/^[!-~]+$/);
      expect(Math.abs(at - Date.parse(creationTimestamp))).toBeLessThanOrEqual(5_000);
    });

    test('refuses another UID, a life below 10 minutes, and an absent ServiceAccount', async () => {
      const { client, namespace } = under();
      const at = { namespace, name: 'refused' };
      const { uid } = expectOk(await client.create(serviceAccounts, aServiceAccount(at))).metadata;
      const wish = { audiences: ['https://issuer.example'], expiration: seconds(600), uid };
      expect(kindOf(await client.requestToken(at, { ...wish, uid: otherUID }))).toBe('conflict 409');
      expect(kindOf(await client.requestToken(at, { ...wish, expiration: seconds(60) }))).toBe('invalid 422');
      expect(kindOf(await client.requestToken({ ...at, name: 'absent' }, wish))).toBe('notFound 404');
    });
  });
}
