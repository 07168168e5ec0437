import type { OAuthIssuer } from '../../api/oauth-issuer.ts';
import type { ActionFailure } from '../../domain/attempt.ts';
import { audienceOf } from '../../domain/plan-issuer.ts';
import type { OwnLogin } from '../../issuers/own-login.ts';
import { readPrivateKey } from '../../issuers/private-key.ts';
import type { KubeClient } from '../../kube/kube-client.ts';
import type { ClientAuthentication } from '../../ports/issuer-driver.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import { err, ok, type Result } from '../../std/result.ts';
import type { Secret } from '../../std/secret.ts';
import { readOwnSecret } from './own-secret.ts';

type Proof = Promise<Result<ClientAuthentication, IssuerFailure>>;

/** Where the proofs of Grantor's own client come from. */
export interface LoginSources {
  readonly kube: Pick<KubeClient, 'get'>;
  /** Grantor's own namespace, the only one whose Secrets an OAuthIssuer can name. */
  readonly namespace: string;
  /** A token of the controller's own ServiceAccount for one audience. */
  readonly ownAssertion: (audience: string) => Promise<Result<Secret, ActionFailure>>;
}

/** How Grantor logs in where it manages clients (`spec.login`). */
export function ownLogin(issuer: OAuthIssuer, sources: LoginSources): OwnLogin | undefined {
  const { login } = issuer.spec;
  if (login?.federated !== undefined) {
    const authenticate = (): Proof => byServiceAccount(sources, audienceOf(issuer));
    return { clientID: login.federated.clientID, authenticate };
  }
  if (login?.clientSecret !== undefined) {
    const { clientID, secretKeyRef } = login.clientSecret;
    return {
      clientID,
      async authenticate() {
        const found = await readOwnSecret(sources, secretKeyRef, 'spec.login.clientSecret.secretKeyRef');
        return found.ok ? ok({ method: 'Secret', clientSecret: found.value }) : found;
      },
    };
  }
  if (login?.privateKey === undefined) return undefined;
  const { clientID, secretKeyRef } = login.privateKey;
  return { clientID, authenticate: () => byPrivateKey(sources, secretKeyRef) };
}

/** What Grantor shows to whoever guards the administration of an issuer that asks nobody itself (`adminAuthentication`). */
export function ownToken(
  issuer: OAuthIssuer,
  sources: LoginSources,
): (() => Promise<Result<Secret, IssuerFailure>>) | undefined {
  const isShown = issuer.spec.driver.hydra?.adminAuthentication === 'ServiceAccountToken';
  return isShown
    ? () => tokenFor(sources, audienceOf(issuer), 'spec.driver.hydra.adminAuthentication')
    : undefined;
}

async function byServiceAccount(sources: LoginSources, audience: string): Proof {
  const assertion = await tokenFor(sources, audience, 'spec.login.federated');
  return assertion.ok
    ? ok({ method: 'Federated', by: 'ClientAssertion', assertion: assertion.value })
    : assertion;
}

async function tokenFor(
  { ownAssertion }: LoginSources,
  audience: string,
  field: string,
): Promise<Result<Secret, IssuerFailure>> {
  const assertion = await ownAssertion(audience);
  if (assertion.ok) return assertion;
  const { message, retry } = assertion.error;
  const kind = retry === 'soon' ? 'unavailable' : 'loginFailed';
  return err({ kind, sent: false, detail: `${field}: ${message}` });
}

async function byPrivateKey(
  sources: LoginSources,
  ref: { readonly name: string; readonly key: string },
): Proof {
  const field = 'spec.login.privateKey.secretKeyRef';
  const found = await readOwnSecret(sources, ref, field);
  if (!found.ok) return found;
  const privateKey = readPrivateKey(found.value);
  if (privateKey !== undefined) return ok({ method: 'PrivateKey', privateKey });
  const detail = `${field}: ${ref.key} of Secret ${sources.namespace}/${ref.name} is no P-256 key as PKCS#8 PEM`;
  return err({ kind: 'loginFailed', sent: false, detail });
}
