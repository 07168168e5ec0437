import { errors, Provider, type TokenEndpointGrantContext } from 'oidc-provider';
import { Secret } from '../std/secret.ts';
import type { WorkloadLogin } from './workload-login.ts';

/** Who knows whose ServiceAccount token it is. */
export type WorkloadOwners = Pick<WorkloadLogin, 'clientOf'>;

/** What is said of a token that is exchanged, by grant type. */
type TokenParameters = Readonly<Partial<Record<(typeof own)[number], string>>>;
type Names = readonly string[] | ReadonlySet<string>;

const own = [
  'assertion',
  'subject_token',
  'subject_token_type',
  'actor_token',
  'audience',
  'requested_token_type',
] as const;

interface WorkloadGrant {
  /** The parameter that holds the ServiceAccount token. */
  readonly token: 'assertion' | 'subject_token';
  /** Refuses what this issuer does not do, rather than to leave it out in silence. */
  readonly check: (parameters: TokenParameters) => void;
  /** What a ServiceAccount token is answered with that is not this client's. */
  readonly refusal: (detail: string) => errors.OIDCProviderError;
  /** What the answer holds beside the token. */
  readonly answer: object;
}

const tokenTypes = 'urn:ietf:params:oauth:token-type';
const accessToken = `${tokenTypes}:access_token`;

/** The grants in which a ServiceAccount token is itself what is exchanged for an access token, by their type. */
export const workloadGrants: Readonly<Record<string, WorkloadGrant>> = {
  /** RFC 7523 section 2.1. */
  'urn:ietf:params:oauth:grant-type:jwt-bearer': {
    token: 'assertion',
    check: () => {},
    refusal: (detail) => new errors.InvalidGrant(detail),
    answer: {},
  },
  /** RFC 8693 without delegation: nobody acts for anybody else. */
  'urn:ietf:params:oauth:grant-type:token-exchange': {
    token: 'subject_token',
    check(parameters) {
      if (parameters.subject_token_type !== `${tokenTypes}:jwt`)
        throw new errors.InvalidRequest(`subject_token_type must be ${tokenTypes}:jwt`);
      if ((parameters.requested_token_type ?? accessToken) !== accessToken)
        throw new errors.InvalidRequest(`requested_token_type must be ${accessToken}`);
      if (parameters.actor_token !== undefined)
        throw new errors.InvalidRequest('actor_token is not supported');
      if (parameters.audience !== undefined)
        throw new errors.InvalidTarget('name the audience as resource (RFC 8707)');
    },
    // RFC 8693 section 2.2.2.
    refusal: (detail) => new errors.InvalidRequest('the subject token was not accepted', 400, detail),
    answer: { issued_token_type: accessToken },
  },
};

/**
 * oidc-provider with these grants beside its own. The client is a public one, so its id proves nothing: what does is the token of the
 * workload that it is registered for. All else, from scopes to proofs of possession, is as with client credentials, whose handler it is.
 */
export function withWorkloadGrants(login: WorkloadOwners): typeof Provider {
  return class extends Provider {
    override registerGrantType<Params extends object>(
      type: string,
      issue: (ctx: TokenEndpointGrantContext<Params>) => void | Promise<void>,
      parameters: Names = [],
      repeatable: Names = [],
    ): void {
      super.registerGrantType(type, issue, parameters, repeatable);
      if (type !== 'client_credentials') return;
      for (const [grantType, grant] of Object.entries(workloadGrants)) {
        const handler = async (ctx: TokenEndpointGrantContext<Params & TokenParameters>): Promise<void> => {
          await prove(ctx.oidc, grant, login);
          await issue(ctx);
          Object.assign(ctx.body as object, grant.answer);
        };
        super.registerGrantType(grantType, handler, [...parameters, ...own], repeatable);
      }
    }
  };
}

async function prove(
  { params, client }: TokenEndpointGrantContext<TokenParameters>['oidc'],
  { token: parameter, check, refusal }: WorkloadGrant,
  login: WorkloadOwners,
): Promise<void> {
  const token = params[parameter];
  if (token === undefined) throw new errors.InvalidRequest(`missing required parameter '${parameter}'`);
  check(params);
  const owner = await login.clientOf(new Secret(token));
  if (!owner.ok && owner.error.kind === 'unavailable')
    throw new errors.TemporarilyUnavailable("the cluster's keys cannot be fetched", owner.error.detail);
  if (!owner.ok) throw refusal(owner.error.detail);
  if (owner.value.client_id !== client.clientId)
    throw refusal('the token is of the workload of another client');
}
