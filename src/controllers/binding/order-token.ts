import type { OAuthClient } from '../../api/oauth-client.ts';
import type { OAuthIssuer } from '../../api/oauth-issuer.ts';
import type { WorkloadIdentityBinding } from '../../api/workload-identity-binding.ts';
import type { ActionFailure } from '../../domain/attempt.ts';
import type { Grant } from '../../domain/grant.ts';
import { audienceOf } from '../../domain/plan-issuer.ts';
import { auditOf } from '../../issuance/audit-of.ts';
import type { TokenOrder } from '../../issuance/token-order.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { ok, type Result } from '../../std/result.ts';
import { authenticateClient, recordOf } from '../client/authenticate-client.ts';
import { recordAsking } from '../client/registration-records.ts';
import type { Environment } from '../environment.ts';

/** For whom a token is asked, as whom, and where. */
interface Parties {
  readonly binding: WorkloadIdentityBinding;
  readonly client: OAuthClient;
  readonly issuer: OAuthIssuer;
}

/** The order for the token of a binding: its client logs in with what the controller keeps or asks the API server for. */
export async function orderToken(
  environment: Environment,
  grant: Grant,
  { binding, client, issuer }: Parties,
  lapse: () => string | undefined,
  context: ReconcileContext,
): Promise<Result<TokenOrder, ActionFailure>> {
  const driver = await environment.issuers.driver(issuer);
  if (!driver.ok) return driver;
  const { signal, correlationID } = context;
  return ok({
    grant,
    rotation: binding.spec.rotation,
    issuerName: issuer.metadata.name,
    driver: driver.value,
    call: { signal, correlationID, tenantID: grant.tenantID },
    about: auditOf(grant, binding, issuer, context),
    lapse,
    authenticate: () => authenticateClient(environment, grant, issuer, client, context),
    refused: (assertion) =>
      environment.serviceAccountTokens.refused(grant.serviceAccount, audienceOf(issuer), assertion),
    clientDoubted: () => doubtClient(environment, client, issuer, context),
  });
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
