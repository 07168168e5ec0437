import { afterAll, beforeAll, describe } from 'vitest';
import type { Capability } from '../../../src/domain/capability.ts';
import type { DesiredClient, FederationMethod, Workload } from '../../../src/domain/desired-client.ts';
import type { IssuedToken, IssuerDriver, TokenIssuer } from '../../../src/ports/issuer-driver.ts';
import type { RegisteredClient } from '../../../src/ports/registered-client.ts';
import type { Secret } from '../../../src/std/secret.ts';
import { describeAuthentication } from './authentication.ts';
import { describeCompare } from './compare.ts';
import { aCall, aClient, aSecret, bySecrets, valueOf } from './data.ts';
import { describeDeregister } from './deregister.ts';
import { describeDiscover } from './discover.ts';
import { describeEveryCall } from './every-call.ts';
import { describeClientsForUsers } from './for-users.ts';
import { describeList } from './list.ts';
import { describeMarks } from './marks.ts';
import { describeRefusals } from './refusals.ts';
import { describeRegister } from './register.ts';
import { describeRequestToken } from './request-token.ts';
import { describeRevoke } from './revoke.ts';
import { describeRevokeAll } from './revoke-all.ts';
import { describeSecrets } from './secrets.ts';
import { describeUpdate } from './update.ts';

/** A kind of issuer as its driver finds it: what the suite expects is said beforehand, so that no test is left out unseen. */
export interface IssuerKind {
  readonly name: string;
  /** What it can do: exactly what `discover` has to say. */
  readonly capabilities: readonly Capability[];
  /** What `discover` says as well, since nothing but an attempt shows that it is not so. */
  readonly announcedInVain?: readonly Capability[];
  /** How workloads log in with their ServiceAccount tokens; empty without `FederatedAuthentication`. */
  readonly federation: readonly FederationMethod[];
  /** What no decision depends on, since Grantor sees to it by itself. */
  readonly traits: readonly Trait[];
  /** What the server calls a refusal, where servers differ. */
  readonly refusals: {
    readonly audience: string;
    readonly scope: string;
    readonly wrongSecret: string;
    readonly unknownClient: string;
  };
}

/**
 * - `OneClientPerWorkload`: it refuses a second client for the same ServiceAccount
 * - `KnowsServiceAccountUID`: a ServiceAccount that was deleted and made anew is another one to it
 * - `SeesCertificates`: TLS ends at the server itself, so that certificates of clients come to it
 */
export type Trait = 'OneClientPerWorkload' | 'KnowsServiceAccountUID' | 'SeesCertificates';

/** One driver in front of one issuer of the kind. */
export interface DriverUnderTest {
  readonly driver: IssuerDriver;
  /** Another in front of the same issuer, for a test that closes it. */
  another(): IssuerDriver;
  /** The same issuer as a node sees it, which asks for nothing but tokens. */
  tokens(): TokenIssuer;
  /** The issuer identifier. */
  readonly issuer: string;
  /** What the issuer puts into `aud` of every token, beside what was asked for. */
  readonly toleratedAudiences?: readonly string[];
  /** `iss` of ServiceAccount tokens that the issuer trusts. */
  readonly cluster: string;
  /** A ServiceAccount token of this workload as the issuer wants it; another one each time. */
  assertionOf(workload: Workload): Promise<Secret>;
  /** What the issuer says of a token of this client when it is introspected. */
  isActive(token: IssuedToken, client: RegisteredClient): Promise<boolean>;
  /** Registers a client by other means than the driver, as an administrator would, and says its id. It bears no mark (`Adopt`). */
  foreign(): Promise<string>;
  close(): Promise<void>;
}

/** A registration with the mark that it was made for. */
export type Registered = RegisteredClient & Pick<DesiredClient, 'mark'>;

/** What the tests of each operation have to work with. */
export interface Suite extends IssuerKind {
  /** From the first test on. */
  readonly under: DriverUnderTest;
  readonly driver: IssuerDriver;
  can(...capabilities: readonly Capability[]): boolean;
  has(trait: Trait): boolean;
  /** A client as Grantor would want it at this issuer: with a secret of ours where it takes one, with roles where tokens tell them. */
  aClient(client?: Partial<DesiredClient>): DesiredClient;
  /** Registers it; a secret that we chose is in what is answered as one of the issuer's would be. */
  registered(client?: DesiredClient): Promise<Registered>;
}

/** What every implementation of `IssuerDriver` does, the fake included: if one could tell them apart, a test with the fake would prove nothing. */
export function describeIssuerDriver(kind: IssuerKind, create: () => Promise<DriverUnderTest>): void {
  describe(`${kind.name} as an IssuerDriver`, () => {
    let under: DriverUnderTest | undefined;
    beforeAll(async () => {
      under = await create();
    });
    afterAll(() => under?.close());

    const suite: Suite = {
      ...kind,
      get under() {
        if (under === undefined) throw new Error('there is no driver before the first test');
        return under;
      },
      get driver() {
        return suite.under.driver;
      },
      can: (...capabilities) => capabilities.every((capability) => kind.capabilities.includes(capability)),
      has: (trait) => kind.traits.includes(trait),
      aClient: (client = {}) =>
        aClient({
          ...(suite.can('TenantClaims') ? {} : { roles: [] }),
          ...(suite.can('ChooseSecret') ? { authentication: bySecrets(aSecret()) } : {}),
          ...client,
        }),
      async registered(client = suite.aClient()) {
        const answer = valueOf(await suite.driver.register(client, aCall()));
        const [chosen] = client.authentication.method === 'Secret' ? client.authentication.secrets : [];
        return {
          ...answer,
          mark: client.mark,
          ...(chosen === undefined ? {} : { clientSecret: chosen.value }),
        };
      },
    };
    for (const describeOperation of operations) describeOperation(suite);
  });
}

const operations: readonly ((suite: Suite) => void)[] = [
  describeDiscover,
  describeRegister,
  describeMarks,
  describeAuthentication,
  describeSecrets,
  describeClientsForUsers,
  describeRequestToken,
  describeUpdate,
  describeCompare,
  describeList,
  describeDeregister,
  describeRevoke,
  describeRevokeAll,
  describeEveryCall,
  describeRefusals,
];
