import type { IssuerDriver } from '../../src/ports/issuer-driver.ts';
import type { IssuerFailure } from '../../src/ports/issuer-failure.ts';
import { sleep } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { err } from '../../src/std/result.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';
import type { IssuerWeather } from './steps.ts';

const failures: Readonly<Record<Exclude<IssuerWeather, 'fine'>, IssuerFailure>> = {
  away: { kind: 'unavailable', detail: 'no answer' },
  throttled: { kind: 'throttled', retryAfter: seconds(20), detail: '429' },
  forgetful: { kind: 'unavailable', detail: 'the connection was reset' },
  slow: { kind: 'unavailable', detail: 'no answer in time' },
};

/** How long a call may take before its driver gives up, and how long a slow issuer takes: the request is carried out all the same. */
const timeout = seconds(10);
const slowly = seconds(4);

/** An issuer whose answers get lost, come late, or don't come, as the weather is. */
export function issuerInWeather(
  issuer: IssuerDriver,
  clock: FakeClock,
  weather: () => IssuerWeather,
): IssuerDriver {
  const inWeather =
    (operation: keyof IssuerDriver) =>
    async (...given: unknown[]): Promise<unknown> => {
      const work = (): unknown =>
        Reflect.apply(issuer[operation] as (...given: unknown[]) => unknown, issuer, given);
      const now = weather();
      if (now === 'fine') return work();
      if (now === 'slow') {
        await sleep(clock, slowly);
        return work();
      }
      if (now === 'forgetful') {
        await work();
        await sleep(clock, timeout);
      }
      return err(failures[now]);
    };
  return new Proxy(issuer, { get: (_, operation) => inWeather(operation as keyof IssuerDriver) });
}
