import type { OAuthClient } from '../../api/oauth-client.ts';
import type { OAuthIssuer } from '../../api/oauth-issuer.ts';
import { tlsFiles } from '../../delivery/tls-files.ts';
import type { ActionFailure } from '../../domain/attempt.ts';
import type { Credential } from '../../domain/credential.ts';
import { federationMethodOf } from '../../domain/federation-method.ts';
import type { GrantLogin } from '../../domain/grant.ts';
import { isOf } from '../../domain/issuer-usable.ts';
import { audienceOf } from '../../domain/plan-issuer.ts';
import type { RegistrationRecord } from '../../domain/registration-record.ts';
import type { ClientAuthentication } from '../../ports/issuer-driver.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { keyOf } from '../../runtime/store.ts';
import { err, ok, type Result } from '../../std/result.ts';
import type { Environment } from '../environment.ts';

/**
 * What a client logs in with for one token request: a ServiceAccount token of the workload for this issuer alone, or the credential
 * of our record. Never the tenant's copy of it, which the tenant could have changed.
 */
export async function authenticateClient(
  { serviceAccountTokens, world }: Environment,
  login: Pick<GrantLogin, 'method' | 'serviceAccount'>,
  issuer: OAuthIssuer,
  client: OAuthClient,
  { signal }: Pick<ReconcileContext, 'signal'>,
): Promise<Result<ClientAuthentication, ActionFailure>> {
  if (login.method === 'Federated') {
    const reusable = issuer.spec.federation.assertionReuse === 'Reusable';
    const audience = audienceOf(issuer);
    const assertion = await serviceAccountTokens.assertion(login.serviceAccount, audience, reusable, signal);
    return assertion.ok
      ? ok({ method: 'Federated', by: federationMethodOf(issuer), assertion: assertion.value })
      : assertion;
  }
  const credential: Credential = recordOf(world, client, issuer) ?? {};
  const { clientSecret, privateKey } = credential;
  if (login.method === 'PrivateKey' && privateKey) return ok({ method: 'PrivateKey', privateKey });
  if (login.method === 'Secret' && clientSecret) return ok({ method: 'Secret', clientSecret });
  const files = login.method === 'MutualTLS' ? tlsFiles(credential) : undefined;
  if (files !== undefined) {
    const certificate = { certificate: files['tls.crt'], privateKey: files['tls.key'] };
    return ok({ method: 'MutualTLS', certificate });
  }
  return err({
    reason: 'ClientNotReady',
    message: `OAuthClient ${client.metadata.name} has no credential yet`,
    retry: 'soon',
  });
}

/** Our record of a client at this issuer. A credential of one issuer is never shown to another, whatever its OAuthIssuer is called. */
export const recordOf = (
  world: Environment['world'],
  { metadata }: OAuthClient,
  issuer: OAuthIssuer,
): RegistrationRecord | undefined =>
  world.registrations.store
    .byIndex('client', keyOf(metadata.namespace, metadata.name))
    .map(({ record }) => record)
    .find((record) => record?.client.uid === metadata.uid && isOf(record, issuer));
