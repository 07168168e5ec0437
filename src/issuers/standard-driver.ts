import type { FederationMethod } from '../domain/desired-client.ts';
import type { IssuerDriver } from '../ports/issuer-driver.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Secret } from '../std/secret.ts';
import { capabilitiesOf } from './capabilities.ts';
import { failure } from './classify.ts';
import { compareClient, deregisterClient, revokeAllTokens, updateClient } from './client-configuration.ts';
import { fetchesKeys } from './fetches-keys.ts';
import { createIssuerSession, type DriverOptions } from './issuer-session.ts';
import { registerClient } from './registration.ts';
import { tokenOperations } from './token-operations.ts';

export interface StandardDriverOptions extends DriverOptions {
  /** How ServiceAccount tokens are shown. */
  readonly federation?: FederationMethod;
  /** Asked for at each registration, so that a replaced token is used at once. Without it registration is anonymous. */
  readonly initialAccessToken?: () => Promise<Result<Secret, IssuerFailure>>;
}

/** The driver for issuers that follow the RFCs: 8414 discovery, 7591/7592 registration, 6749 with 8707 tokens, 7662 introspection, 7009 revocation. */
export function createStandardDriver(options: StandardDriverOptions): IssuerDriver {
  const session = createIssuerSession(options);
  const { perform } = session;
  const { initialAccessToken, federation } = options;

  return {
    ...tokenOperations(session),
    ...fetchesKeys(session),

    discover: (call) =>
      perform('discover', 'discovery', call, async ({ server }) => ok(capabilitiesOf(server, federation))),

    register: (client, call) =>
      perform('register', 'registration', call, async ({ server }, fetch) => {
        if (client.adopts !== undefined) return err(adoptsNobody);
        const token = initialAccessToken ? await initialAccessToken() : ok(undefined);
        return token.ok ? registerClient(server, client, token.value, fetch) : token;
      }),

    update: (registration, client, call) =>
      perform('update', 'update of the client', call, ({ server }, fetch) =>
        updateClient(server, registration, client, fetch),
      ),

    compare: (registration, client, call) =>
      perform('compare', 'look at the client', call, ({ server }, fetch) =>
        compareClient(server, registration, client, fetch),
      ),

    list: (_, call) => perform('list', 'list of clients', call, async () => err(hasNoList)),

    deregister: (registration, _, call) =>
      perform('deregister', 'deletion of the client', call, ({ server }, fetch) =>
        deregisterClient(server, registration, fetch),
      ),

    revokeAll: (registration, _, call) =>
      perform('revokeAll', "revocation of the client's tokens", call, ({ server }, fetch) =>
        capabilitiesOf(server).has('RevokeAll')
          ? revokeAllTokens(server, registration, fetch)
          : Promise.resolve(err(revokesOneByOne)),
      ),

    close: () => session.close(),
  };
}

const adoptsNobody = failure(
  'rejected',
  'registration',
  'RFC 7591 knows no way to take over a client that somebody else registered',
);
const hasNoList = failure('rejected', 'list of clients', 'RFC 7591 knows no list of clients');
const revokesOneByOne = failure(
  'rejected',
  "revocation of the client's tokens",
  'the issuer revokes tokens only one by one',
);
