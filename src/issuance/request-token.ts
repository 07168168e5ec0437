import type { ActionFailure } from '../domain/attempt.ts';
import { isWorthAnother, type RefusedProof, retryAfterRefusal } from '../domain/refused-proof.ts';
import type { IssuedToken } from '../ports/issuer-driver.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import { err, type Result } from '../std/result.ts';
import { fromIssuer } from './action-failure.ts';
import type { KeyPair } from './key-pair.ts';
import type { IssuanceEnvironment, TokenOrder } from './token-order.ts';
import { untilLapsed } from './until-lapsed.ts';

/** Why there is no token: the issuer gave none, with what is known of the ServiceAccount token where it was that; or there was nothing to show it. */
type Failed =
  | { readonly refused: IssuerFailure; readonly proof: RefusedProof | undefined }
  | { readonly refused?: never; readonly unasked: ActionFailure };

/** Asks the issuer for what is granted. A ServiceAccount token that it may have seen before is replaced by another, once. */
export async function requestToken(
  environment: IssuanceEnvironment,
  order: TokenOrder,
  tokenKey: KeyPair | undefined,
): Promise<Result<IssuedToken, ActionFailure>> {
  const first = await attempt(environment, order, tokenKey);
  const isAgain =
    !first.ok &&
    first.error.refused !== undefined &&
    first.error.proof !== undefined &&
    isWorthAnother(first.error.proof, first.error.refused.oauthError);
  const last = isAgain ? await attempt(environment, order, tokenKey) : first;
  return last.ok ? last : err(await told(environment, last.error, order));
}

async function attempt(
  { clock }: IssuanceEnvironment,
  { grant, driver, call, lapse, authenticate, refused }: TokenOrder,
  tokenKey: KeyPair | undefined,
): Promise<Result<IssuedToken, Failed>> {
  const login = await authenticate();
  if (!login.ok) return err({ unasked: login.error });
  const authentication = login.value;
  const secondProof = async () => {
    const again = await authenticate();
    return again.ok ? again.value : undefined;
  };
  const { clientID, scopes, audience, verification } = grant;
  const acceptUnverified = verification === 'AllowUnverified';
  const limit = untilLapsed(clock, lapse, call.signal);
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
  return err({ refused: issued.error, proof: isBlamed ? refused(authentication.assertion) : undefined });
}

/** Whether an issuer may mean the ServiceAccount token: as a client assertion, as a grant (RFC 7523 section 3.1) or as a subject token (RFC 8693 section 2.2.2). */
const blamesTheProof = ({ kind, oauthError = '' }: IssuerFailure): boolean =>
  kind === 'unauthorized' || ['invalid_grant', 'invalid_request', 'jti_known'].includes(oauthError);

async function told(
  { audit }: IssuanceEnvironment,
  failed: Failed,
  { about, clientDoubted }: TokenOrder,
): Promise<ActionFailure> {
  if (failed.refused === undefined) return failed.unasked;
  const { refused, proof } = failed;
  if (refused.oauthError === 'invalid_client') await clientDoubted?.();
  const failure = fromIssuer(refused);
  audit({ ...about, act: 'issue', outcome: 'failure', reason: failure.reason, detail: failure.message });
  return proof === undefined ? failure : { ...failure, retry: retryAfterRefusal(proof, failure.retry) };
}
