import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import type { KubeClient } from '../../kube/kube-client.ts';
import { err, ok } from '../../std/result.ts';
import { Secret } from '../../std/secret.ts';
import type { ServiceAccountRef } from '../binding/service-account-tokens.ts';
import type { World } from '../world.ts';
import { OwnServiceAccount } from './own-service-account.ts';

function setUp(username: string, uid: string | undefined = 'uid-1') {
  const clock = new FakeClock();
  const asked: string[] = [];
  let reviews = 0;
  let answers = true;
  const kube: Pick<KubeClient, 'whoAmI'> = {
    async whoAmI() {
      reviews += 1;
      return answers ? ok({ username }) : err({ kind: 'unavailable', message: 'no answer' });
    },
  };
  const get = (key: string) => (key === 'grantor-system/grantor-controller' && uid ? { uid } : undefined);
  const own = new OwnServiceAccount(kube, {
    clock,
    world: { serviceAccounts: { store: { get } } } as unknown as World,
    serviceAccountTokens: {
      assertion: async (account: ServiceAccountRef, audience: string, reusable: boolean) => {
        asked.push(`${account.namespace}/${account.name}/${account.uid} for ${audience}, ${reusable}`);
        return ok(new Secret('own-token'));
      },
    } as never,
  });
  return { own, asked, reviews: () => reviews, fail: (now: boolean) => (answers = !now) };
}

describe('a token of the own ServiceAccount', () => {
  it('is a fresh one, of whom the API server says that it is; which is asked for once', async () => {
    const { own, asked, reviews, fail } = setUp('system:serviceaccount:grantor-system:grantor-controller');
    fail(true);
    expect(await own.assertion('a')).toMatchObject({ ok: false, error: { retry: 'soon' } });
    fail(false);
    for (const audience of ['a', 'b']) expect(await own.assertion(audience)).toMatchObject({ ok: true });
    expect(asked).toEqual([
      'grantor-system/grantor-controller/uid-1 for a, false',
      'grantor-system/grantor-controller/uid-1 for b, false',
    ]);
    expect(reviews()).toBe(2);
  });

  it.each([
    ['a person', 'kubernetes-admin', 'runs as kubernetes-admin'],
    ['a node', 'system:node:one', 'runs as system:node:one'],
    ['a ServiceAccount that is gone', 'system:serviceaccount:elsewhere:other', 'there is no ServiceAccount'],
  ])('is not to be had for %s', async (_, username, said) => {
    const { own, asked } = setUp(username);
    expect(await own.assertion('a')).toMatchObject({
      ok: false,
      error: { reason: 'TokenRequestFailed', message: expect.stringContaining(said) },
    });
    expect(asked).toEqual([]);
  });
});
