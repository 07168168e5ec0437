import type { VolumeStore } from '../../../src/node/volume-store.ts';
import type { TokenGrant, TokenIssuer } from '../../../src/ports/issuer-driver.ts';
import type { IssuerFailure } from '../../../src/ports/issuer-failure.ts';
import { sleep } from '../../../src/std/clock.ts';
import { milliseconds, seconds } from '../../../src/std/duration.ts';
import { err } from '../../../src/std/result.ts';
import type { FakeClock } from '../../fakes/fake-clock.ts';
import type { Life } from '../life.ts';
import type { IssuerWeather } from './steps.ts';

/** What is said of a ServiceAccount token that was shown, read by who watches. */
export interface Shown {
  readonly assertion: string;
  readonly podUID: string;
}

export interface IssuerWatch {
  /** A request for a token leaves the plug-in, or one to revoke one. */
  leaves(shown: Shown, operation: 'requestToken' | 'revoke'): void;
  /** The plug-in has heard what became of it; with the token, if it got one. */
  answered(shown: Shown, token: string | undefined): void;
}

const away: IssuerFailure = { kind: 'unavailable', detail: 'the issuer is away' };
const refused: IssuerFailure = {
  kind: 'rejected',
  oauthError: 'invalid_grant',
  detail: 'the issuer answered invalid_grant',
};

function shownIn({ authentication }: Pick<TokenGrant, 'authentication'>): Shown {
  const assertion = authentication.method === 'Federated' ? authentication.assertion.reveal() : '';
  const claims = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString()) as {
    readonly 'kubernetes.io': { readonly pod: { readonly uid: string } };
  };
  return { assertion, podUID: claims['kubernetes.io'].pod.uid };
}

/** The issuer as one process of the plug-in reaches it, in its weather, while the process lives. */
export function issuerInWeather(
  driver: TokenIssuer,
  clock: FakeClock,
  life: Life,
  weather: () => IssuerWeather,
  accepts: (assertion: string) => boolean,
  watch: IssuerWatch,
): TokenIssuer {
  return {
    async requestToken(grant, call) {
      if (!(await life.point())) return err(away);
      const shown = shownIn(grant);
      watch.leaves(shown, 'requestToken');
      const now = weather();
      if (now === 'hangs') await sleep(clock, seconds(10), call.signal);
      if (now === 'hangs' || now === 'away') return err(away);
      await sleep(clock, milliseconds(now === 'slow' ? 3000 : 5));
      const answer =
        now === 'refuses' || !accepts(shown.assertion)
          ? err(refused)
          : await driver.requestToken(grant, { ...call, signal: new AbortController().signal });
      const isHeard = (await life.point()) && !call.signal.aborted && now !== 'loses';
      if (!isHeard) return err(away);
      watch.answered(shown, answer.ok ? answer.value.token.reveal() : undefined);
      return answer;
    },
    async revoke(token, client, call) {
      if (!(await life.point())) return err(away);
      const shown = shownIn(client);
      watch.leaves(shown, 'revoke');
      if (weather() !== 'fine') return err(away);
      const answer = accepts(shown.assertion) ? await driver.revoke(token, client, call) : err(refused);
      if (!(await life.point())) return err(away);
      watch.answered(shown, undefined);
      return answer;
    },
    close: async () => {},
  };
}

/** The store as one process reaches it: at each call it may die, before anything was done or after. */
export function mortalStore(store: VolumeStore, life: Life): VolumeStore {
  const dead = err({ detail: 'dead' });
  const mortal =
    <Given extends unknown[], T>(work: (...given: Given) => Promise<T>) =>
    async (...given: Given): Promise<T | typeof dead> => {
      if (!(await life.point())) return dead;
      const done = await work(...given);
      return (await life.point()) ? done : dead;
    };
  return {
    open: mortal(() => store.open()),
    save: mortal((state) => store.save(state)),
    write: mortal((...given) => store.write(...given)),
    token: async (id) => ((await life.point()) ? store.token(id) : undefined),
    clear: mortal((id) => store.clear(id)),
    mount: mortal((...given) => store.mount(...given)),
    remove: mortal((...given) => store.remove(...given)),
  };
}
