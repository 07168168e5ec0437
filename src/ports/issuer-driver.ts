import type { Capability } from '../domain/capability.ts';
import type { DesiredClient, FederationMethod } from '../domain/desired-client.ts';
import type { Registration } from '../domain/registration-record.ts';
import type { Json } from '../std/canonical-json.ts';
import type { Duration } from '../std/duration.ts';
import type { Result } from '../std/result.ts';
import type { Secret } from '../std/secret.ts';
import type { IssuerFailure } from './issuer-failure.ts';
import type { RegisteredClient } from './registered-client.ts';

/** What every call at an issuer carries. */
export interface CallContext {
  readonly signal: AbortSignal;
  readonly correlationID: string;
  /** For fairness between tenants while calls wait; the empty string for Grantor's own calls. */
  readonly tenantID: string;
}

/** How a client authenticates for one token request. */
export type ClientAuthentication =
  | { readonly method: 'Federated'; readonly by: FederationMethod; readonly assertion: Secret }
  | { readonly method: 'PrivateKey'; readonly privateKey: Secret<{ readonly [member: string]: Json }> }
  | { readonly method: 'Secret'; readonly clientSecret: Secret }
  | { readonly method: 'MutualTLS'; readonly certificate: ClientCertificate };

/** What a client shows in the TLS handshake, as PEM. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly privateKey: Secret;
}

/** One request for an access token: RFC 6749 section 4.4 with one `resource` of RFC 8707. */
export interface TokenGrant {
  readonly clientID: string;
  readonly authentication: ClientAuthentication;
  readonly scopes: readonly string[];
  readonly audience: string;
  /** The private key (ES256, as a JWK) that the token is to be bound to by DPoP (RFC 9449); without it a bearer token is asked for. */
  readonly tokenKey?: Secret<{ readonly [member: string]: Json }>;
  /** Another proof of the client, for an opaque token that has to be introspected; the first is good again where it is left out. */
  readonly secondProof?: () => Promise<ClientAuthentication | undefined>;
  /** Whether an opaque token that cannot be introspected is answered with, marked, instead of a failure. */
  readonly acceptUnverified?: boolean;
}

/**
 * An access token that the issuer vouches for: by a signature that was verified with its keys, or by introspection where the token is opaque;
 * otherwise it is marked. What it claims is not yet compared with anything.
 */
export interface IssuedToken {
  readonly token: Secret;
  readonly tokenType: 'Bearer' | 'DPoP';
  /** The payload of the JWT, as signed, or what introspection says (RFC 7662). */
  readonly claims: { readonly [claim: string]: Json };
  /** `expires_in` of the answer, if there was one. */
  readonly expiresIn?: Duration;
  /** `scope` of the answer, if there was one: what was granted where the issuer leaves out `scope` in the token. */
  readonly scope?: string;
  /** Nobody vouches for it: it is opaque, and the issuer has no introspection. There are no claims then. */
  readonly unverified?: true;
  /** The issuer was asked what it is (RFC 7662). */
  readonly introspected?: true;
}

/** How the client that an issuer holds differs from the one that is wanted. */
export interface Comparison {
  /** In which respects, in words for a condition (`scope`, `lifetime`); empty where it is as it should be. */
  readonly differences: readonly string[];
  /** What it is managed with from now on, where reading it changed that (RFC 7592 section 3). */
  readonly registered?: RegisteredClient;
}

/** A client at an issuer that bears a mark of Grantor's: this cluster's or another's. */
export interface MarkedClient {
  readonly mark: string;
  readonly registration: Registration;
}

/** A part of a list; with `next` there is more. Only a list that was read to its end says that something is not there. */
export interface ClientPage {
  readonly clients: readonly MarkedClient[];
  readonly next?: string;
}

/** One authorization server, behind its driver. Implementations pass `describeIssuerDriver` in test/contract. */
export interface IssuerDriver {
  /** Reads the issuer's metadata (RFC 8414) afresh and says what it can do. Fails when its `issuer` is another. */
  discover(call: CallContext): Promise<Result<ReadonlySet<Capability>, IssuerFailure>>;
  /**
   * Registers a client. Where clients are managed by their marks it takes its id from the mark, without the UID in it: what stands under
   * that id is taken over if it is ours, or that of a predecessor of the same cluster, namespace and name whose rights are of the same tenant or of none.
   * Anything else under it is `rejected`. With `adopts` the same goes for the client of that id, which may also bear no mark at all; one
   * that is not there is `rejected`, and nothing is made.
   */
  register(client: DesiredClient, call: CallContext): Promise<Result<RegisteredClient, IssuerFailure>>;
  /**
   * Replaces the metadata of a registration (RFC 7592 section 2.2). As with `register`, an issuer that made something else of it than was
   * asked for is a failure, with what it `registered`.
   */
  update(
    registration: Registration,
    client: DesiredClient,
    call: CallContext,
  ): Promise<Result<RegisteredClient, IssuerFailure>>;
  /**
   * Reads a registration and compares it with what is wanted (`Compare`). What the issuer adds of its own, and another order, is no
   * difference. Fails as `notFound` where the client is gone.
   */
  compare(
    registration: Registration,
    client: DesiredClient,
    call: CallContext,
  ): Promise<Result<Comparison, IssuerFailure>>;
  /** One page of the clients that bear a mark of Grantor's (`List`); the first without `page`, each other by the `next` of the one before. */
  list(page: string | undefined, call: CallContext): Promise<Result<ClientPage, IssuerFailure>>;
  /**
   * Deletes a registration (RFC 7592 section 2.3). 404 counts as deleted, and so does a client under this id that bears another mark (where
   * clients are managed by their marks, as everywhere in what follows): it is somebody else's. Servers that follow the RFC to the letter answer 401 for a client
   * that is gone, as for a wrong token: that is `unauthorized`. Where registration is idempotent, registering the mark again settles it.
   */
  deregister(
    registration: Registration,
    mark: string,
    call: CallContext,
  ): Promise<Result<void, IssuerFailure>>;
  /** Ends every token that was issued to the client so far (`RevokeAll`); the client stays, and what it can obtain from now on too. */
  revokeAll(
    registration: Registration,
    mark: string,
    call: CallContext,
  ): Promise<Result<void, IssuerFailure>>;
  /**
   * Has the issuer accept the ServiceAccount tokens of every workload that is registered there, whichever key of the cluster signs them, and none that a
   * `former` key signed (`HoldKeys`). Rows of trust that got lost come back.
   */
  trustKeys(former: readonly string[], call: CallContext): Promise<Result<void, IssuerFailure>>;
  requestToken(grant: TokenGrant, call: CallContext): Promise<Result<IssuedToken, IssuerFailure>>;
  /** Revokes one access token (RFC 7009). */
  revoke(
    token: Secret,
    client: Pick<TokenGrant, 'clientID' | 'authentication'>,
    call: CallContext,
  ): Promise<Result<void, IssuerFailure>>;
  /** Closes connections; calls under way fail as `unavailable`. */
  close(): Promise<void>;
}

/** As much of an issuer as who only needs its tokens sees. */
export type TokenIssuer = Pick<IssuerDriver, 'requestToken' | 'revoke' | 'close'>;
