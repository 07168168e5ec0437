import { describe, expect, it } from 'vitest';
import { aCluster, aReadyCluster } from '../../../test/gen/a-cluster.ts';
import { plain } from '../../../test/gen/client-plans.ts';
import {
  anyLogin,
  away,
  clientIDs,
  exists,
  ready,
  remove,
  secretNames,
  withSecret,
} from '../../../test/gen/client-steps.ts';
import { aTenantScope, withSpec } from '../../../test/gen/objects.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import { minutes } from '../../std/duration.ts';

describe('wherever the controller is killed', () => {
  it('there is one client in the end, and it is known', async () => {
    for (let calls = 0; ; calls++) {
      const cluster = aCluster(withSecret, aTenantScope(withSpec({ clients: anyLogin })));
      const killed = await cluster.killedAfter(calls, () => cluster.client());
      cluster.restart();
      await cluster.client();
      expect(ready(cluster), `killed after ${calls}`).toContain('True Ready');
      const [client, ...others] = cluster.driver.clients.values();
      expect(others).toEqual([]);
      expect(cluster.secret('credentials')).toMatchObject({
        client_id: client?.clientID,
        client_secret: client?.clientSecrets[0],
      });
      if (!killed) return;
    }
  });

  it('an issuer that would make a second client is never asked twice', async () => {
    for (let calls = 0; ; calls++) {
      const cluster = aCluster(plain);
      cluster.driver.capabilities.delete('IdempotentRegister');
      const killed = await cluster.killedAfter(calls, () => cluster.client());
      cluster.restart();
      await cluster.client();
      expect(clientIDs(cluster).length, `killed after ${calls}`).toBeLessThanOrEqual(1);
      expect(ready(cluster)).toMatch(/True Ready|False RegistrationUncertain/);
      if (!killed) return;
    }
  });

  it.each<[string, IssuerFailure, string]>([
    ['said no is asked again', { kind: 'rejected', detail: 'no' }, 'True Ready'],
    ['did not answer is not asked again', away, 'False RegistrationUncertain'],
  ])('an issuer that would make a second client and %s', async (_, failure, expected) => {
    const cluster = aCluster(plain);
    cluster.driver.capabilities.delete('IdempotentRegister');
    cluster.driver.fail('register', failure);
    await cluster.client();
    await cluster.clock.advance(minutes(1));
    await cluster.client();
    expect(ready(cluster)).toContain(expected);
  });

  it('a deletion ends with nothing left, at the issuer or here', async () => {
    for (let calls = 0; ; calls++) {
      const cluster = await aReadyCluster(withSecret, aTenantScope(withSpec({ clients: anyLogin })));
      remove(cluster);
      const killed = await cluster.killedAfter(calls, () => cluster.client());
      cluster.restart();
      for (let tries = 0; tries < 3; tries++) {
        await cluster.client();
        await cluster.clock.advance(minutes(1));
      }
      expect(clientIDs(cluster), `killed after ${calls}`).toEqual([]);
      expect(exists(cluster)).toBe(false);
      expect(secretNames(cluster)).toEqual([]);
      if (!killed) return;
    }
  });
});
