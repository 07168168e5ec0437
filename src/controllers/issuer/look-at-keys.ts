import type { OAuthIssuer } from '../../api/oauth-issuer.ts';
import type { ActionFailure } from '../../domain/attempt.ts';
import { nextHeldKeys } from '../../domain/held-keys.ts';
import type { KeysLook } from '../../domain/plan-issuer.ts';
import { fromIssuer, fromKube } from '../../issuance/action-failure.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { minutes } from '../../std/duration.ts';
import { plus } from '../../std/instant.ts';
import { err, ok, type Result } from '../../std/result.ts';
import type { Environment } from '../environment.ts';
import { readClusterKeys } from './cluster-keys.ts';

/** What somebody else took away at the issuer comes back after this long, though no key has changed. */
const betweenUpkeeps = minutes(10);

/**
 * Looks which keys sign the cluster's ServiceAccount tokens. Where these are others than before, or one is over, or it is time to look there
 * anyway, the issuer is brought to hold just these.
 */
export async function lookAtKeys(
  { kube, issuers, clock }: Pick<Environment, 'kube' | 'issuers' | 'clock'>,
  issuer: OAuthIssuer,
  last: KeysLook | undefined,
  { signal, correlationID }: Pick<ReconcileContext, 'signal' | 'correlationID'>,
): Promise<Result<KeysLook, ActionFailure>> {
  const keys = await readClusterKeys(kube, signal);
  if (!keys.ok) return err(fromKube('ClusterKeysUnknown', keys.error));
  const now = clock.now();
  const before = last?.held ?? issuer.status?.heldKeys ?? [];
  const { held, letGo } = nextHeldKeys(
    before,
    keys.value.map(({ kid }) => kid),
    now,
  );
  const known = last?.held.map(({ keyID }) => keyID);
  const isNew = !held.every(({ keyID }) => known?.includes(keyID));
  const isDue = last === undefined || plus(last.upheldAt, betweenUpkeeps) <= now;
  if (!isNew && !isDue && letGo.length === 0) return ok({ at: now, held, upheldAt: last.upheldAt });
  const driver = await issuers.driver(issuer);
  if (!driver.ok) return driver;
  const trusted = await driver.value.trustKeys(letGo, { signal, correlationID, tenantID: '' });
  return trusted.ok ? ok({ at: now, held, upheldAt: now }) : err(fromIssuer(trusted.error));
}
