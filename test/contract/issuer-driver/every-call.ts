import { describe, expect, test } from 'vitest';
import type { Result } from '../../../src/std/result.ts';
import { Secret } from '../../../src/std/secret.ts';
import { aCall, grantFor } from './data.ts';
import type { Suite } from './suite.ts';

export function describeEveryCall(suite: Suite): void {
  describe('every call', () => {
    test('fails as unavailable when its caller has stopped', async () => {
      const stopped = aCall(AbortSignal.abort());
      const client = await suite.registered();
      const { driver } = suite;
      const outcomes: ReadonlyArray<Result<unknown, unknown>> = [
        await driver.discover(stopped),
        await driver.register(suite.aClient(), stopped),
        await driver.update(client, suite.aClient(), stopped),
        ...(suite.can('Compare') ? [await driver.compare(client, suite.aClient(), stopped)] : []),
        ...(suite.can('List') ? [await driver.list(undefined, stopped)] : []),
        await driver.deregister(client, client.mark, stopped),
        await driver.revokeAll(client, client.mark, stopped),
        await driver.requestToken(grantFor(client), stopped),
        await driver.revoke(new Secret('a.b.c'), grantFor(client), stopped),
      ];
      for (const outcome of outcomes)
        expect(outcome).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
    });

    test('fails as unavailable on a driver that was closed', async () => {
      const closed = suite.under.another();
      await closed.close();
      expect(await closed.discover(aCall())).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
    });
  });
}
