import type { OAuthIssuer } from '../../api/oauth-issuer.ts';
import type { OwnLogin } from '../../issuers/own-login.ts';
import type { IssuerDriver } from '../../ports/issuer-driver.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import type { Result } from '../../std/result.ts';
import type { Secret } from '../../std/secret.ts';
import { type LoginSources, ownLogin, ownToken } from './own-login.ts';
import { readOwnSecret } from './own-secret.ts';

/** What a driver that manages clients is made from. */
export interface DriverInput {
  readonly issuer: OAuthIssuer;
  readonly caBundle: string | undefined;
  readonly initialAccessToken: (() => Promise<Result<Secret, IssuerFailure>>) | undefined;
  /** Of Grantor itself. */
  readonly login: OwnLogin | undefined;
  /** Of the controller's own ServiceAccount, where the administration is guarded by something that asks for one. */
  readonly ownToken: (() => Promise<Result<Secret, IssuerFailure>>) | undefined;
}

/** Makes the driver that `spec.driver` names; given by the composition root. */
export type DriverFactory = (input: DriverInput) => IssuerDriver;

/** The same with what Grantor has to show at the issuer: each is read when it is used. */
export function driverInput(
  issuer: OAuthIssuer,
  caBundle: string | undefined,
  sources: LoginSources,
): DriverInput {
  const ref = issuer.spec.driver.standard?.initialAccessTokenSecretRef;
  const field = 'spec.driver.standard.initialAccessTokenSecretRef';
  return {
    issuer,
    caBundle,
    initialAccessToken: ref && (() => readOwnSecret(sources, ref, field)),
    login: ownLogin(issuer, sources),
    ownToken: ownToken(issuer, sources),
  };
}
