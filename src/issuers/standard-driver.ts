import type { CallContext, IssuedToken, IssuerDriver, TokenGrant } from '../ports/issuer-driver.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import type { Clock } from '../std/clock.ts';
import type { Duration } from '../std/duration.ts';
import { between } from '../std/instant.ts';
import type { ProxySettings } from '../std/proxy.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Rng } from '../std/rng.ts';
import type { Secret } from '../std/secret.ts';
import { capabilitiesOf } from './capabilities.ts';
import { failure, failureOf } from './classify.ts';
import { deregisterClient, revokeAllTokens, updateClient } from './client-configuration.ts';
import { createGovernor } from './governor.ts';
import { createHttp } from './http.ts';
import { introspectToken } from './introspection.ts';
import { type Fetch, issuerFetch } from './issuer-fetch.ts';
import type { IssuerLimits } from './limits.ts';
import { createMetadataCache, type Metadata } from './metadata.ts';
import { registerClient } from './registration.ts';
import { revokeToken } from './revocation.ts';
import { requestToken } from './token-request.ts';
import { isSigned, verifyToken } from './verify-token.ts';

type Operation = Exclude<keyof IssuerDriver, 'close'>;

/** One call of the driver, waiting for its turn included. */
export interface CallReport {
  readonly operation: Operation;
  readonly outcome: 'ok' | IssuerFailure['kind'];
  readonly duration: Duration;
}

export interface DriverOptions {
  /** The issuer identifier (RFC 8414 section 2), an https URL. */
  readonly issuer: string;
  readonly limits: IssuerLimits;
  readonly clock: Clock;
  readonly rng: Rng;
  /** PEM certificates that are trusted instead of the system's. */
  readonly caBundle?: string;
  readonly proxy?: ProxySettings;
  readonly onCall?: (report: CallReport) => void;
}

export interface StandardDriverOptions extends DriverOptions {
  /** Asked for at each registration, so that a replaced token is used at once. Without it registration is anonymous. */
  readonly initialAccessToken?: () => Promise<Result<Secret, IssuerFailure>>;
}

/** The driver for issuers that follow the RFCs: 8414 discovery, 7591/7592 registration, 6749 with 8707 tokens, 7662 introspection, 7009 revocation. */
export function createStandardDriver(options: StandardDriverOptions): IssuerDriver {
  const { issuer, limits, clock, rng, initialAccessToken, onCall } = options;
  const http = createHttp(options);
  const governor = createGovernor({ limits, clock, rng });
  const egress = { http, governor, permits: (url: string) => metadata.permits(url) };
  const metadata = createMetadataCache({
    issuer,
    clock,
    fetchMetadata: issuerFetch(egress, ownCall('discovery'), 'discovery'),
    fetchKeys: issuerFetch(egress, ownCall('keys'), "request for the issuer's keys"),
  });

  /** Makes an operation of `work`: metadata at hand, exceptions turned into failures, reported when done. */
  async function perform<T>(
    operation: Operation,
    what: string,
    call: CallContext,
    work: (metadata: Metadata, fetch: Fetch) => Promise<Result<T, IssuerFailure>>,
  ): Promise<Result<T, IssuerFailure>> {
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
  }

  return {
    discover: (call) =>
      perform('discover', 'discovery', call, async ({ server }) => ok(capabilitiesOf(server))),

    register: (client, call) =>
      perform('register', 'registration', call, async ({ server }, fetch) => {
        const token = initialAccessToken ? await initialAccessToken() : ok(undefined);
        return token.ok ? registerClient(server, client, token.value, fetch) : token;
      }),

    update: (registration, client, call) =>
      perform('update', 'update of the client', call, ({ server }, fetch) =>
        updateClient(server, registration, client, fetch),
      ),

    deregister: (registration, call) =>
      perform('deregister', 'deletion of the client', call, ({ server }, fetch) =>
        deregisterClient(server, registration, fetch),
      ),

    revokeAll: (registration, call) =>
      perform('revokeAll', "revocation of the client's tokens", call, ({ server }, fetch) =>
        capabilitiesOf(server).has('RevokeAll')
          ? revokeAllTokens(server, registration, fetch)
          : Promise.resolve(err(revokesOneByOne)),
      ),

    requestToken: (grant, call) =>
      perform('requestToken', 'token request', call, async ({ server, keys }, fetch) => {
        const answer = await requestToken(server, grant, fetch);
        if (!answer.ok) return err(failure('malformed', 'token request', answer.error));
        const { token } = answer.value;
        const canBeAsked = server.introspection_endpoint !== undefined;
        if (!isSigned(token) && !canBeAsked && grant.acceptUnverified)
          return ok({ ...answer.value, claims: {}, unverified: true });
        const claims =
          isSigned(token) || !canBeAsked
            ? await verifyToken(token, keys)
            : await introspect(server, token, grant, fetch);
        return claims.ok ? ok({ ...answer.value, claims: claims.value }) : claims;
      }),

    revoke: (token, client, call) =>
      perform('revoke', 'revocation', call, async ({ server }, fetch) =>
        ok(await revokeToken(server, token, client, fetch)),
      ),

    async close() {
      governor.close();
      await http.close();
    },
  };
}

const revokesOneByOne = failure(
  'rejected',
  "revocation of the client's tokens",
  'the issuer revokes tokens only one by one',
);

/** What an opaque token is. An issuer that takes each proof of a client only once gets another. */
async function introspect(
  server: Metadata['server'],
  token: Secret,
  { clientID, authentication, secondProof }: TokenGrant,
  fetch: Fetch,
): Promise<Result<IssuedToken['claims'], IssuerFailure>> {
  const proof = secondProof ? await secondProof() : authentication;
  return proof === undefined
    ? err(failure('unavailable', 'introspection of the token', 'there is no second proof of the client'))
    : introspectToken(server, token, { clientID, authentication: proof }, fetch);
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
