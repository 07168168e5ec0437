import type { Duration } from '../std/duration.ts';
import type { RegisteredClient } from './registered-client.ts';

/**
 * Why an authorization server did not do what was asked. Made once, at the border, from what the server answered; never holds a
 * response body, nor a credential but as a `Secret` in `registered`.
 *
 * | kind | meaning | worth trying again |
 * |---|---|---|
 * | `throttled` | the issuer, or our governor for it, asks us to wait | after `retryAfter` |
 * | `unavailable` | no usable answer: refused, reset, timed out, TLS, 5xx, breaker open | with back-off |
 * | `malformed` | an answer that breaks the protocol: not JSON, too long, wrong `issuer`, bad `expires_in` | with back-off |
 * | `rejected` | a protocol error that speaks of this request: `invalid_scope`, `invalid_client_metadata` … | slowly |
 * | `unauthorized` | our credential was not accepted: `invalid_client`, `invalid_token`, 401, 403 | slowly |
 * | `loginFailed` | Grantor's own login was not accepted, or may not do this; nothing was done | slowly |
 * | `notFound` | the issuer says that the thing does not exist | – |
 * | `unverifiable` | a token came, but its signature or form cannot be checked | slowly |
 */
export interface IssuerFailure {
  readonly kind:
    | 'throttled'
    | 'unavailable'
    | 'malformed'
    | 'rejected'
    | 'unauthorized'
    | 'loginFailed'
    | 'notFound'
    | 'unverifiable';
  /** `error` of RFC 6749 section 5.2, RFC 7591 section 3.2.2 or RFC 6750 section 3.1, where the server gave one. */
  readonly oauthError?: string;
  readonly retryAfter?: Duration;
  /** False where the request surely never left this process, so that nothing can have come of it. */
  readonly sent?: false;
  /** The client as the issuer holds it, where that is not what was asked for: from now on only these credentials count for it. */
  readonly registered?: RegisteredClient;
  /** One sentence for a condition: what was asked and what the server said, at most 256 characters of it. */
  readonly detail: string;
}
