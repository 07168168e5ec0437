import * as oauth from 'oauth4webapi';
import type { ClientAuthentication } from '../ports/issuer-driver.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import type { Clock } from '../std/clock.ts';
import { type Duration, milliseconds, seconds } from '../std/duration.ts';
import type { Instant } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import { Secret } from '../std/secret.ts';
import { failureOf } from './classify.ts';
import { loginOf } from './client-authentication.ts';
import type { Fetch } from './issuer-fetch.ts';

/** How Grantor itself logs in to an issuer that it manages: `spec.login` of an OAuthIssuer. */
export interface OwnLogin {
  readonly clientID: string;
  /** A proof for one login; asked for anew each time, so that a replaced credential is used at once. */
  readonly authenticate: () => Promise<Result<ClientAuthentication, IssuerFailure>>;
}

/** What opens the administration of an issuer for a while. */
export interface AdminToken {
  readonly token: Secret;
  /** When it was asked for, by the clock here. */
  readonly askedAt: Instant;
}

export interface AdminAccess {
  /** A token that will live for the next requests; one login at a time serves all who wait. */
  token(server: oauth.AuthorizationServer): Promise<Result<AdminToken, IssuerFailure>>;
  /** The issuer did not take this one. */
  refused(token: AdminToken): void;
}

const what = "Grantor's own login";
/** A token is used until this long before its end, or for half of its life if that is shorter. */
const reserve = seconds(20);
/** Where the answer does not say how long it lives (RFC 6749 section 5.1 only recommends it). */
const unsaidLife = seconds(60);
/** What was refused is not asked again for so long: all the clients of an issuer would ask. It is how often Keycloak looks for new keys of a cluster. */
const refusedFor = seconds(10);

/** Keeps an access token of Grantor's own client. `fetch` is nobody's call, so that whoever stops does not end it for the others. */
export function createAdminAccess(login: OwnLogin, clock: Clock, fetch: Fetch): AdminAccess {
  let known: (AdminToken & { readonly usedUntil: Duration }) | undefined;
  let refusal: { readonly failure: IssuerFailure; readonly until: Duration } | undefined;
  let flight: Promise<Result<AdminToken, IssuerFailure>> | undefined;

  const refused = (failure: IssuerFailure): Result<never, IssuerFailure> => {
    if (failure.kind === 'loginFailed')
      refusal = { failure, until: milliseconds(clock.elapsed() + refusedFor) };
    return err(failure);
  };

  async function logIn(server: oauth.AuthorizationServer): Promise<Result<AdminToken, IssuerFailure>> {
    const proof = await login.authenticate();
    if (!proof.ok) return err(ofLogin(proof.error));
    const [askedAt, started] = [clock.now(), clock.elapsed()];
    const answer = await requestToken(server, login.clientID, proof.value, fetch);
    if (!answer.ok) return refused(ofLogin(answer.error));
    const { access_token: token, expires_in: life } = answer.value;
    const lives = life === undefined ? unsaidLife : seconds(life);
    known = {
      token: new Secret(token),
      askedAt,
      usedUntil: milliseconds(started + Math.max(lives - reserve, lives / 2)),
    };
    return ok(known);
  }

  return {
    async token(server) {
      if (known !== undefined && clock.elapsed() < known.usedUntil) return ok(known);
      if (refusal !== undefined && clock.elapsed() < refusal.until) return err(refusal.failure);
      flight ??= logIn(server).finally(() => {
        flight = undefined;
      });
      return flight;
    },
    refused(token) {
      if (known === token) known = undefined;
    },
  };
}

async function requestToken(
  server: oauth.AuthorizationServer,
  clientID: string,
  proof: ClientAuthentication,
  fetch: Fetch,
): Promise<Result<oauth.TokenEndpointResponse, IssuerFailure>> {
  try {
    const { client, auth, ...login } = await loginOf({ clientID, authentication: proof }, server, fetch);
    const options = { [oauth.customFetch]: login.fetch };
    const response = await oauth.clientCredentialsGrantRequest(server, client, auth, {}, options);
    return ok(await oauth.processClientCredentialsResponse(server, client, response));
  } catch (error) {
    return err(failureOf(error, what));
  }
}

/** That we may not is another matter than that a client may not: nothing was asked of the issuer in its name. */
const ofLogin = (refused: IssuerFailure): IssuerFailure =>
  refused.kind === 'unauthorized' || refused.kind === 'rejected'
    ? { ...refused, kind: 'loginFailed', sent: false }
    : { ...refused, sent: false };
