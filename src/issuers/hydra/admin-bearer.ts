import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import type { Clock } from '../../std/clock.ts';
import { type Duration, minutes } from '../../std/duration.ts';
import { ok, type Result } from '../../std/result.ts';
import type { Secret } from '../../std/secret.ts';

/** A token of the controller's own ServiceAccount. */
export type OwnToken = () => Promise<Result<Secret, IssuerFailure>>;

/** What is shown to whoever guards the admin API. */
export interface AdminBearer {
  token(): Promise<Result<Secret, IssuerFailure>>;
  /** It was not taken: the next one is another. */
  refused(): void;
}

/** A ServiceAccount token lives ten minutes; the second half is for clocks that differ. */
const used = minutes(5);

/** Shows one token for a while, and asks for the next one once for all who wait. */
export function adminBearer(ask: OwnToken, clock: Pick<Clock, 'elapsed'>): AdminBearer {
  let known: { readonly token: Secret; readonly since: Duration } | undefined;
  let flight: Promise<Result<Secret, IssuerFailure>> | undefined;

  async function next(): Promise<Result<Secret, IssuerFailure>> {
    const since = clock.elapsed();
    const answer = await ask();
    if (answer.ok) known = { token: answer.value, since };
    return answer;
  }

  return {
    async token() {
      if (known !== undefined && clock.elapsed() - known.since < used) return ok(known.token);
      flight ??= next().finally(() => {
        flight = undefined;
      });
      return flight;
    },
    refused() {
      known = undefined;
    },
  };
}
