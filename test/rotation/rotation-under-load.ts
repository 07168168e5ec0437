import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Capability } from '../../src/domain/capability.ts';
import type { DriverUnderTest, IssuerKind } from '../contract/issuer-driver/suite.ts';
import type { StoredSecret } from '../simulation/invariants/stored.ts';
import { Consumer } from './consumer.ts';
import { createHurriedClock } from './hurried-clock.ts';
import { MountedSecret, type Values, valuesOf } from './mounted-secret.ts';
import { copyAt, type Method, RotatingCluster, wanted } from './rotating-cluster.ts';

/** How often a credential is replaced: a few times while typing, twenty times in `make test`. */
const inProcess = Number(process.env['ROTATIONS'] ?? 2);
/** The same at real servers, which have a minute of `make test` each; twenty times it was done by hand (docs/rotation.md). */
const atRealServers = Number(process.env['ROTATIONS_AT_SERVERS'] ?? 2);

type IssuerUnderLoad = Pick<DriverUnderTest, 'issuer' | 'another' | 'close'>;

/** What it takes of an issuer that credentials are replaced, and that nobody notices. */
const needed: Readonly<Record<Method, readonly Capability[]>> = {
  privateKey: ['PrivateKeyAuthentication', 'Update'],
  secret: ['SecretAuthentication', 'ChooseSecret', 'Update'],
  mutualTLS: ['MutualTLSAuthentication', 'Update'],
};

/**
 * Replaces the credential of a consumer again and again while it asks for tokens. The issuer and the consumer live in real time, the
 * controller and the kubelet `speed` times as fast: an overlap of five minutes, and the minute and a half until a file is replaced.
 */
export function describeRotationUnderLoad(
  { name, capabilities }: Pick<IssuerKind, 'name' | 'capabilities'>,
  start: () => Promise<IssuerUnderLoad>,
  { speed, atServers }: { readonly speed: number; readonly atServers: boolean } = {
    speed: 100,
    atServers: false,
  },
): void {
  const rotations = atServers ? atRealServers : inProcess;
  const can = (capability: Capability): boolean => capabilities.includes(capability);
  const methods = (['privateKey', 'secret', 'mutualTLS'] as const).filter((method) =>
    needed[method].every(can),
  );
  const isSeamless = (method: Method): boolean => method !== 'secret' || can('SecretOverlap');
  const timeout = 30_000 + (rotations * 1_200_000) / speed;

  describe(`under load, at ${name}`, () => {
    let under: IssuerUnderLoad;
    beforeAll(async () => {
      under = await start();
    });
    afterAll(() => under.close());

    const rotate = async (method: Method): Promise<Consumer> => {
      const consumer = await rotateUnderLoad(under, method, { rotations, speed });
      const { tokens, failures, unanswered, longestGap } = consumer;
      const gap = `${Math.round(longestGap)} ms`;
      const ofKubelet = `, ${Math.round((longestGap * speed) / 1000)} s by the clock of the kubelet`;
      console.log(
        `${name}, ${method}: ${rotations} rotations, ${tokens} tokens, ${failures.length} refusals, ${unanswered} without an answer, at most ${gap} between two tokens${isSeamless(method) ? '' : ofKubelet}`,
      );
      expect(unanswered).toBeLessThanOrEqual(tokens / 50);
      return consumer;
    };

    test.concurrent.each(methods.filter(isSeamless))(
      'nobody who reads the file notices that a credential is replaced (%s)',
      { timeout },
      async (method) => expect((await rotate(method)).failures).toEqual([]),
    );

    test.concurrent.each(methods.filter((method) => !isSeamless(method)))(
      'who reads the file is refused until the kubelet has replaced it, where the issuer holds one (%s)',
      { timeout },
      async (method) => expect((await rotate(method)).longestGap).toBeLessThan(2000 + 120_000 / speed),
    );
  });
}

async function rotateUnderLoad(
  under: IssuerUnderLoad,
  method: Method,
  { rotations, speed }: { readonly rotations: number; readonly speed: number },
): Promise<Consumer> {
  const clock = createHurriedClock(speed);
  const cluster = new RotatingCluster(under.another(), under.issuer, method, clock);
  const mount = new MountedSecret(cluster.server, speed, copyAt);
  const consumer = new Consumer(under.another(), wanted);
  const until = (check: () => void): Promise<void> =>
    vi.waitFor(check, { timeout: 15_000 + 900_000 / speed, interval: 10 });
  const content = (): Values => valuesOf(cluster.server.find('secrets', copyAt) as StoredSecret);
  await until(() => expect(mount.read(), cluster.told).toBeDefined());
  const stop = consumer.follow(mount);

  for (let count = 1; count <= rotations; count++) {
    const former = content();
    cluster.ask(String(count));
    await until(() => expect(content(), cluster.told).not.toEqual(former));
    await until(() => expect(cluster.status.rotation).toEqual({ rotatedAt: expect.any(String) as string }));
    await vi.waitFor(async () => expect(await consumer.tries(former)).toMatch(/^(unauthorized|rejected)/), {
      timeout: 5000,
      interval: 200,
    });
    await until(() => expect(mount.read()).toEqual(content()));
    const before = consumer.tokens;
    await until(() => expect(consumer.tokens).toBeGreaterThan(before));
  }

  await stop();
  await cluster.end();
  mount.unmount();
  return consumer;
}
