import { createGovernor } from '../../../src/issuers/governor.ts';
import type { CallContext, IssuerDriver } from '../../../src/ports/issuer-driver.ts';
import type { IssuerFailure } from '../../../src/ports/issuer-failure.ts';
import { sleep } from '../../../src/std/clock.ts';
import { seconds } from '../../../src/std/duration.ts';
import { err, type Result } from '../../../src/std/result.ts';
import type { FakeClock } from '../../fakes/fake-clock.ts';
import { SeededRng } from '../../fakes/seeded-rng.ts';
import type { Absence } from './outage-scene.ts';

/** The defaults of an OAuthIssuer. */
const limits = { requestsPerSecond: 50, burst: 100, concurrency: 16 };
const timeout = seconds(10);

/** An issuer behind a governor, as every driver has one, and away for as long as `absence` says so. */
export function governedIssuer(
  issuer: IssuerDriver,
  clock: FakeClock,
  seed: number,
  absence: () => Absence | undefined,
): IssuerDriver {
  const governor = createGovernor({ limits, clock, rng: new SeededRng(seed) });
  const answer = async (operation: keyof IssuerDriver, given: readonly unknown[], signal: AbortSignal) => {
    const away = absence();
    // Who connected while nobody answered waits to the end, also when the issuer comes back meanwhile.
    if (away === 'silent') await sleep(clock, timeout, signal);
    if (away !== undefined) return err<IssuerFailure>({ kind: 'unavailable', detail: 'no answer' });
    return Reflect.apply(issuer[operation], issuer, given) as Promise<Result<unknown, IssuerFailure>>;
  };
  return new Proxy(issuer, {
    get(_, operation: keyof IssuerDriver) {
      if (operation === 'close') return async () => governor.close();
      return (...given: readonly unknown[]) => {
        const { tenantID, signal } = given.at(-1) as CallContext;
        return governor.run(tenantID, signal, () => answer(operation, given, signal));
      };
    },
  });
}
