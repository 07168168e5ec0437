import { describe, expect, it } from 'vitest';
import { aCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { anyLogin, ready } from '../../../test/gen/client-steps.ts';
import { anIssuer, aTenantScope, withMetadata, without, withSpec } from '../../../test/gen/objects.ts';
import {
  accepted,
  aRotatedClient,
  aRotatedCluster,
  ask,
  every,
  found,
  opens,
  overlap,
  told,
} from '../../../test/gen/rotations.ts';
import { hours, milliseconds, minutes, seconds } from '../../std/duration.ts';
import { formatInstant } from '../../std/instant.ts';

const begun = ({ audit }: Cluster): string[] =>
  audit.filter(({ step }) => step === 'begin').map(({ object }) => object);

/** Looks at the client when it wanted to be looked at. */
async function until(cluster: Cluster, time: string): Promise<void> {
  await cluster.clock.advance(milliseconds(Date.parse(time) - cluster.clock.now()));
  await cluster.client();
}

describe('a rotation with a maintenance window', () => {
  // The first of June 2026 was a Monday; the credential is due on Wednesday the tenth.
  const window = { days: ['Sat'], start: '02:00', duration: hours(4) };

  it('begins in the window, and says what it waits for', async () => {
    const cluster = await aRotatedCluster('privateKey', { every, overlap, window });
    const before = found(cluster);
    const planned = told(cluster)?.next ?? '';
    expect(planned >= '2026-06-13T02:00:00Z' && planned < '2026-06-13T04:00:00Z').toBe(true);
    await until(cluster, '2026-06-12T12:00:00Z');
    expect([found(cluster), told(cluster)]).toMatchObject([
      before,
      { next: planned, waitsFor: 'its maintenance window' },
    ]);
    await until(cluster, planned);
    expect(found(cluster)).not.toEqual(before);
    expect(told(cluster)).toMatchObject({ phase: 'Overlapping' });
  });

  it('begins at once when somebody asks for it', async () => {
    const cluster = await aRotatedCluster('privateKey', { every, overlap, window });
    ask(cluster, 'leaked');
    await cluster.client();
    expect(begun(cluster)).toHaveLength(1);
  });
});

describe('rotations that are due together', () => {
  it('begin one after the other, as far apart as the issuer wants them', async () => {
    const spacing = seconds(30);
    const limits = { ...anIssuer().spec.limits, rotationSpacing: spacing };
    const names = ['one', 'two', 'three'];
    const clients = names.map((name) => {
      const client = aRotatedClient('privateKey', { overlap });
      const authentication = { privateKey: { algorithm: 'ES256', secretRef: { name: `of-${name}` } } };
      return withMetadata<typeof client>({ name, uid: `uid-${name}` })(
        withSpec<typeof client>({ authentication } as never)(client),
      );
    });
    const scope = aTenantScope(withSpec({ clients: anyLogin }));
    const cluster = aCluster(anIssuer(withSpec({ limits })), scope, ...clients);
    const look = async () => {
      for (const name of names) await cluster.client(`acme-prod/${name}`);
    };
    await look();
    for (const name of names) {
      const client = cluster.kube.find('oauthclients', { namespace: 'acme-prod', name });
      if (client === undefined) throw new Error(`there is no ${name}`);
      cluster.put({
        ...client,
        metadata: { ...client.metadata, annotations: { 'grantor.dev/rotate': '1' } },
      });
    }
    await look();
    expect(begun(cluster)).toEqual(['OAuthClient acme-prod/one']);
    await cluster.clock.advance(milliseconds(spacing - 1000));
    await look();
    expect(begun(cluster)).toHaveLength(1);
    await cluster.clock.advance(seconds(1));
    await look();
    expect(begun(cluster)).toHaveLength(2);
    await cluster.clock.advance(spacing);
    await look();
    expect(begun(cluster).sort()).toEqual(
      ['one', 'three', 'two'].map((name) => `OAuthClient acme-prod/${name}`),
    );
  });
});

describe('an issuer that holds one secret', () => {
  const oneSecret = anIssuer(without('SecretOverlap'));
  const aClusterOfOne = async (): Promise<Cluster> => {
    const client = aRotatedClient('secret', { every, overlap, allowInterruption: true });
    const cluster = aCluster(client, oneSecret, aTenantScope(withSpec({ clients: anyLogin })));
    await cluster.client();
    return cluster;
  };

  it('gets the next in the place of the former, if that may interrupt', async () => {
    const cluster = await aClusterOfOne();
    const before = found(cluster);
    await cluster.clock.advance(every);
    await cluster.client();
    expect([await opens(cluster, before), await opens(cluster, found(cluster))]).toEqual([false, true]);
    expect([accepted(cluster), told(cluster)?.phase, ready(cluster)]).toEqual([
      1,
      undefined,
      expect.stringContaining('True Ready'),
    ]);
    expect(told(cluster)?.rotatedAt).toBe(formatInstant(cluster.clock.now()));
  });

  it('gets one at most in five minutes, however often somebody asks', async () => {
    const cluster = await aClusterOfOne();
    for (let minute = 0; minute < 11; minute++) {
      ask(cluster, String(minute));
      await cluster.client();
      await cluster.clock.advance(minutes(1));
    }
    expect(begun(cluster)).toHaveLength(2);
  });

  it('has the one that is in the Secret in the end, wherever the controller is killed', async () => {
    for (let calls = 0; ; calls++) {
      const cluster = await aClusterOfOne();
      await cluster.clock.advance(every);
      const killed = await cluster.killedAfter(calls, () => cluster.client());
      cluster.restart();
      await cluster.client();
      await cluster.clock.advance(minutes(1));
      await cluster.client();
      expect(await opens(cluster, found(cluster)), `killed after ${calls}`).toBe(true);
      expect([accepted(cluster), told(cluster)?.phase]).toEqual([1, undefined]);
      if (!killed) return;
    }
  });
});
