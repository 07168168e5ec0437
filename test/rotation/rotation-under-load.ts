import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { DriverUnderTest, IssuerKind } from '../contract/issuer-driver/suite.ts';
import type { StoredSecret } from '../simulation/invariants/stored.ts';
import { Consumer } from './consumer.ts';
import { createHurriedClock } from './hurried-clock.ts';
import { MountedSecret, type Values, valuesOf } from './mounted-secret.ts';
import { copyAt, type Method, RotatingCluster, wanted } from './rotating-cluster.ts';

/** How often a credential is replaced: a few times while typing, twenty times in `make test`. */
const rotations = Number(process.env['ROTATIONS'] ?? 2);

/** Methods by what it takes of an issuer so that nobody notices. */
const seamless = {
  privateKey: ['PrivateKeyAuthentication', 'Update'],
  secret: ['SecretAuthentication', 'ChooseSecret', 'SecretOverlap', 'Update'],
} as const satisfies Readonly<Record<Method, readonly IssuerKind['capabilities'][number][]>>;

/**
 * Replaces the credential of a consumer again and again while it asks for tokens. The issuer and the consumer live in real time, the
 * controller and the kubelet `speed` times as fast: an overlap of five minutes, and the minute and a half until a file is replaced.
 */
export function describeRotationUnderLoad(
  { name, capabilities }: IssuerKind,
  start: () => Promise<DriverUnderTest>,
  speed = 100,
): void {
  const methods = (['privateKey', 'secret'] as const).filter((method) =>
    seamless[method].every((capability) => capabilities.includes(capability)),
  );
  describe(`under load, at ${name}`, () => {
    let under: DriverUnderTest;
    beforeAll(async () => {
      under = await start();
    });
    afterAll(() => under.close());

    test.concurrent.each(methods)(
      'nobody who reads the file notices that a credential is replaced (%s)',
      { timeout: 30_000 + (rotations * 1_200_000) / speed },
      async (method) => {
        const clock = createHurriedClock(speed);
        const cluster = new RotatingCluster(under.another(), under.issuer, method, clock);
        const mount = new MountedSecret(cluster.server, clock, copyAt);
        const consumer = new Consumer(under.another(), wanted);
        const until = (check: () => void) =>
          vi.waitFor(check, { timeout: 15_000 + 900_000 / speed, interval: 10 });
        const content = (): Values => valuesOf(cluster.server.find('secrets', copyAt) as StoredSecret);
        await until(() => expect(mount.read(), JSON.stringify(cluster.status.conditions)).toBeDefined());
        const stop = consumer.follow(mount);

        for (let count = 1; count <= rotations; count++) {
          const former = content();
          cluster.ask(String(count));
          await until(() => expect(cluster.status.rotation?.phase).toBe('Overlapping'));
          expect(content()).not.toEqual(former);
          await until(() => expect(cluster.status.rotation?.phase).toBeUndefined());
          expect(await consumer.tries(former), 'the former one is refused').not.toBe(true);
        }

        await stop();
        await cluster.end();
        mount.unmount();
        console.log(
          `${name}, ${method}: ${rotations} rotations, ${consumer.tokens} tokens, ${consumer.failures.length} failures, at most ${Math.round(consumer.longestGap)} ms between two tokens`,
        );
        expect(consumer.failures).toEqual([]);
      },
    );
  });
}
