import type { OAuthClient } from '../api/oauth-client.ts';
import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { ActionFailure } from '../domain/attempt.ts';
import type { Grant } from '../domain/grant.ts';
import { audienceOf } from '../domain/plan-issuer.ts';
import { isWorthAnother, type RefusedProof, retryAfterRefusal } from '../domain/refused-proof.ts';
import type { IssuedToken } from '../ports/issuer-driver.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import { err, type Result } from '../std/result.ts';
import { fromIssuer } from './action-failure.ts';
import { auditOf } from './audit-of.ts';
import { authenticateClient, recordOf } from './authenticate-client.ts';
import type { Environment } from './environment.ts';
import type { IssueCall } from './issue-token.ts';
import { recordAsking } from './registration-records.ts';
import { untilLapsed } from './until-lapsed.ts';

/** Why there is no token: the issuer gave none, with what is known of the ServiceAccount token where it was that; or there was nothing to show it. */
type Failed =
  | { readonly refused: IssuerFailure; readonly proof: RefusedProof | undefined }
  | { readonly refused?: never; readonly unasked: ActionFailure };

/** Asks the issuer for what is granted. A ServiceAccount token that it may have seen before is replaced by another, once. */
export async function askForToken(
  environment: Environment,
  grant: Grant,
  asked: IssueCall,
  context: ReconcileContext,
): Promise<Result<IssuedToken, ActionFailure>> {
  const first = await attempt(environment, grant, asked, context);
  const isAgain =
    !first.ok &&
    first.error.refused !== undefined &&
    first.error.proof !== undefined &&
    isWorthAnother(first.error.proof, first.error.refused.oauthError);
  const last = isAgain ? await attempt(environment, grant, asked, context) : first;
  return last.ok ? last : err(await told(environment, last.error, grant, asked, context));
}

async function attempt(
  environment: Environment,
  grant: Grant,
  { client, issuer, driver, call, tokenKey, lapse }: IssueCall,
  context: ReconcileContext,
): Promise<Result<IssuedToken, Failed>> {
  const authenticate = () => authenticateClient(environment, grant, issuer, client, context);
  const login = await authenticate();
  if (!login.ok) return err({ unasked: login.error });
  const authentication = login.value;
  const secondProof = async () => {
    const again = await authenticate();
    return again.ok ? again.value : undefined;
  };
  const { clientID, scopes, audience, verification } = grant;
  const acceptUnverified = verification === 'AllowUnverified';
  const limit = untilLapsed(environment.clock, lapse, call.signal);
  const issued = await driver
    .requestToken(
      {
        ...{ clientID, scopes, audience, authentication, secondProof, acceptUnverified },
        ...(tokenKey && { tokenKey: tokenKey.privateKey }),
      },
      { ...call, signal: limit.signal },
    )
    .finally(() => limit.dispose());
  if (issued.ok) return issued;
  const isBlamed = authentication.method === 'Federated' && blamesTheProof(issued.error);
  const proof = isBlamed
    ? environment.serviceAccountTokens.refused(
        grant.serviceAccount,
        audienceOf(issuer),
        authentication.assertion,
      )
    : undefined;
  return err({ refused: issued.error, proof });
}

/** Whether an issuer may mean the ServiceAccount token: as a client assertion, as a grant (RFC 7523 section 3.1) or as a subject token (RFC 8693 section 2.2.2). */
const blamesTheProof = ({ kind, oauthError = '' }: IssuerFailure): boolean =>
  kind === 'unauthorized' || ['invalid_grant', 'invalid_request', 'jti_known'].includes(oauthError);

async function told(
  environment: Environment,
  failed: Failed,
  grant: Grant,
  { binding, client, issuer }: IssueCall,
  context: ReconcileContext,
): Promise<ActionFailure> {
  if (failed.refused === undefined) return failed.unasked;
  const { refused, proof } = failed;
  if (refused.oauthError === 'invalid_client') await doubtClient(environment, client, issuer, context);
  const failure = fromIssuer(refused);
  const { reason } = failure;
  environment.audit({ ...auditOf(grant, binding, context), act: 'issue', outcome: 'failure', reason });
  return proof === undefined ? failure : { ...failure, retry: retryAfterRefusal(proof, failure.retry) };
}

/**
 * An issuer that lost its state says no more than this of a client that it does not know. That what it holds is not known is written into
 * the record, from where the client goes on: it is told to the issuer again, and made anew by its mark where it is not there.
 */
async function doubtClient(
  environment: Environment,
  client: OAuthClient,
  issuer: OAuthIssuer,
  context: ReconcileContext,
): Promise<void> {
  const record = recordOf(environment.world, client, issuer);
  if (record?.phase === 'Registered') await recordAsking(environment, record, record, context);
}
