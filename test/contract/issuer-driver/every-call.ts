import { describe, expect, test } from 'vitest';
import type { Capability } from '../../../src/domain/capability.ts';
import type { IssuerFailure } from '../../../src/ports/issuer-failure.ts';
import type { Result } from '../../../src/std/result.ts';
import { Secret } from '../../../src/std/secret.ts';
import { aCall, grantFor } from './data.ts';
import type { Suite } from './suite.ts';

export function describeEveryCall(suite: Suite): void {
  describe('every call', () => {
    test('fails as unavailable when its caller has stopped', async () => {
      const { driver } = suite;
      const stopped = aCall(AbortSignal.abort());
      const client = await suite.registered();
      const calls: readonly (readonly [
        Capability | undefined,
        () => Promise<Result<unknown, IssuerFailure>>,
      ])[] = [
        [undefined, () => driver.discover(stopped)],
        [undefined, () => driver.requestToken(grantFor(client), stopped)],
        ['Register', () => driver.register(suite.aClient(), stopped)],
        ['Update', () => driver.update(client, suite.aClient(), stopped)],
        ['Compare', () => driver.compare(client, suite.aClient(), stopped)],
        ['List', () => driver.list(undefined, stopped)],
        ['Deregister', () => driver.deregister(client, client.mark, stopped)],
        ['Revoke', () => driver.revoke(new Secret('a.b.c'), grantFor(client), stopped)],
        ['RevokeAll', () => driver.revokeAll(client, client.mark, stopped)],
      ];
      for (const [capability, call] of calls) {
        if (capability !== undefined && !suite.can(capability)) continue;
        expect(await call()).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
      }
    });

    test('fails as unavailable on a driver that was closed', async () => {
      const closed = suite.under.another();
      await closed.close();
      expect(await closed.discover(aCall())).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
    });
  });
}
