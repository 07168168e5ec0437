import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import { federationMethodOf } from '../domain/federation-method.ts';
import { audienceOf } from '../domain/plan-issuer.ts';
import type { VolumeToken } from '../domain/volume-facts.ts';
import { fromIssuer } from '../issuance/action-failure.ts';
import { revokeUntil } from '../issuance/revoke-until.ts';
import { errorText } from '../runtime/log.ts';
import { fractionOf } from '../std/digest.ts';
import { err, ok } from '../std/result.ts';
import type { Secret } from '../std/secret.ts';
import type { NodeEnvironment } from './node-environment.ts';
import { mayBeUnseen, proofAwaited } from './obtain-volume-token.ts';
import { auditOfVolume, type Volume } from './volume.ts';

/**
 * Has a token revoked that was taken out of a volume, as the pod that had it. Nobody waits for that: it goes on beside everything else until
 * the issuer has answered, the token ends by itself or the pod does.
 */
export function revokeWithdrawn(
  environment: NodeEnvironment,
  volume: Volume,
  issuer: OAuthIssuer,
  token: Secret,
  { clientID, tenantID, expiresAt: endsAt }: VolumeToken,
): void {
  const { clock, rng, tokens, issuers, audit, node, log } = environment;
  const { pod } = volume.state;
  const correlationID = rng.uuid();
  const attempt = async (signal: AbortSignal) => {
    const driver = await issuers.driver(issuer);
    if (!driver.ok) return driver;
    const loan = tokens.lend(
      pod.uid,
      audienceOf(issuer),
      issuer.spec.federation.assertionReuse === 'SingleUse',
    );
    if (loan === undefined) return err(proofAwaited);
    const login = { method: 'Federated', by: federationMethodOf(issuer), assertion: loan.token } as const;
    const call = { signal, correlationID, tenantID };
    const revoked = await driver.value.revoke(token, { clientID, authentication: login }, call);
    const failure = revoked.ok ? undefined : fromIssuer(revoked.error);
    loan.giveBack(failure === undefined || !mayBeUnseen.has(failure.reason));
    audit({
      act: 'revoke',
      outcome: revoked.ok ? 'success' : 'failure',
      ...auditOfVolume(volume, node),
      ...{ correlationID, tenantID, issuer: issuer.spec.issuer, clientID },
      ...(failure && { reason: failure.reason, detail: failure.message }),
    });
    return failure === undefined ? ok(undefined) : err(failure);
  };
  volume.revoking ??= new AbortController();
  const { signal } = volume.revoking;
  revokeUntil(clock, { endsAt, spread: fractionOf(volume.id) }, attempt, signal).catch((error: unknown) =>
    log.error({ volume: volume.id, error: errorText(error) }, 'a revocation broke off'),
  );
}
