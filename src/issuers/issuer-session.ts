import type { CallContext, IssuerDriver } from '../ports/issuer-driver.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import type { Clock } from '../std/clock.ts';
import type { Duration } from '../std/duration.ts';
import { between } from '../std/instant.ts';
import type { ProxySettings } from '../std/proxy.ts';
import { err, type Result } from '../std/result.ts';
import type { Rng } from '../std/rng.ts';
import type { Tracer } from '../std/tracer.ts';
import { failureOf } from './classify.ts';
import { createGovernor } from './governor.ts';
import { createHttp } from './http.ts';
import { type Egress, type Fetch, issuerFetch } from './issuer-fetch.ts';
import type { IssuerLimits } from './limits.ts';
import { createMetadataCache, type Metadata } from './metadata.ts';

export type Operation = Exclude<keyof IssuerDriver, 'close'>;

/** One call of a driver, waiting for its turn included. */
export interface CallReport {
  readonly operation: Operation;
  readonly outcome: 'ok' | IssuerFailure['kind'];
  readonly duration: Duration;
}

/** What every driver is made from. */
export interface DriverOptions {
  /** The issuer identifier (RFC 8414 section 2), an https URL. */
  readonly issuer: string;
  readonly limits: IssuerLimits;
  readonly clock: Clock;
  readonly rng: Rng;
  /** PEM certificates that are trusted instead of the system's. */
  readonly caBundle?: string;
  readonly proxy?: ProxySettings;
  readonly tracer?: Tracer | undefined;
  readonly onCall?: (report: CallReport) => void;
  readonly onBreaker?: (isOpen: boolean) => void;
}

/** What a driver does with metadata at hand and leave to ask. It may throw what the libraries throw. */
type Work<T> = (metadata: Metadata, fetch: Fetch) => Promise<Result<T, IssuerFailure>>;

/** All that drivers share: one governor and one set of connections for each issuer, and its metadata. */
export interface IssuerSession {
  /** Makes an operation of `work`: metadata at hand, exceptions turned into failures, reported when done. `what` names it in failures. */
  readonly perform: <T>(
    operation: Operation,
    what: string,
    call: CallContext,
    work: Work<T>,
  ) => Promise<Result<T, IssuerFailure>>;
  /** For what Grantor asks for itself, whoever waits for it; `what` names it in failures. */
  readonly ownFetch: (what: string) => Fetch;
  close(): Promise<void>;
}

/** `permits` names the URLs of an administration interface, which no metadata does; nothing is sent elsewhere. */
export function createIssuerSession(
  options: DriverOptions,
  permits: (url: string) => boolean = () => false,
): IssuerSession {
  const { issuer, clock, onCall, tracer } = options;
  const http = createHttp(options);
  const governor = createGovernor(options);
  const egress: Egress = {
    http,
    governor,
    tracer,
    permits: (url: string) => metadata.permits(url) || permits(url),
  };
  const ownFetch = (what: string, correlationID: string): Fetch =>
    issuerFetch(egress, ownCall(correlationID), what);
  const metadata = createMetadataCache({
    issuer,
    clock,
    fetchMetadata: ownFetch('discovery', 'discovery'),
    fetchKeys: ownFetch("request for the issuer's keys", 'keys'),
  });

  return {
    ownFetch: (what) => ownFetch(what, 'login'),
    async perform(operation, what, call, work) {
      const started = clock.now();
      const outcome = await attempt(what, async () => {
        const known = await metadata[operation === 'discover' ? 'refresh' : 'current'](call.signal);
        const answer = operation === 'revoke' ? 'ignored' : 'json';
        // Without metadata nobody was asked to do anything.
        if (!known.ok) return err({ ...known.error, sent: false });
        return work(known.value, issuerFetch(egress, call, what, answer));
      });
      onCall?.({
        operation,
        outcome: outcome.ok ? 'ok' : outcome.error.kind,
        duration: between(started, clock.now()),
      });
      return outcome;
    },
    async close() {
      governor.close();
      await http.close();
    },
  };
}

/** A call that no tenant asked for and nobody stops: its limits are those of the connection. */
const ownCall = (correlationID: string): CallContext => ({
  signal: new AbortController().signal,
  correlationID,
  tenantID: '',
});

async function attempt<T>(
  what: string,
  work: () => Promise<Result<T, IssuerFailure>>,
): Promise<Result<T, IssuerFailure>> {
  try {
    return await work();
  } catch (error) {
    return err(failureOf(error, what));
  }
}
