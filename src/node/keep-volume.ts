import type { ActionFailure } from '../domain/attempt.ts';
import { planVolume, type VolumeAction, type VolumePlan } from '../domain/plan-volume.ts';
import { isRevokedByNode } from '../domain/revoked-by-node.ts';
import type { VolumeFacts } from '../domain/volume-facts.ts';
import { errorText } from '../runtime/log.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Secret } from '../std/secret.ts';
import { auditDenial } from './audit-denial.ts';
import { deliverVolumeToken, writeFailed } from './deliver-volume-token.ts';
import type { NodeEnvironment } from './node-environment.ts';
import { issuerOf } from './node-world.ts';
import { type Obtain, obtainVolumeToken } from './obtain-volume-token.ts';
import { revokeWithdrawn } from './revoke-withdrawn.ts';
import { newsOf } from './tell-pod.ts';
import { auditOfVolume, inTurn, noteFailure, type Volume } from './volume.ts';
import { volumeFactsOf } from './volume-facts-of.ts';

/**
 * Does what is next for a volume that a pod has: decides, tells the pod what has changed, and begins what is to be done. `again` is called
 * when that is done. Taking files away waits for no issuer: it goes on beside a request that hangs, whose token is then not delivered.
 */
export function keepVolume(environment: NodeEnvironment, volume: Volume, again: () => void): VolumePlan {
  const { clock, events, log } = environment;
  const now = clock.now();
  const facts = volumeFactsOf(environment, volume);
  const plan = planVolume(facts, now);
  const { told, event } = newsOf(volume.told, volume, plan, now);
  volume.told = told;
  if (event !== undefined) events.tell(volume.state.pod, event);
  auditDenial(environment, volume, plan.verdict, facts);

  const { action } = plan;
  const isFree = action?.kind === 'clear' ? volume.storing === 0 : !volume.asking && volume.storing === 0;
  if (action === undefined || !isFree) return plan;
  const work =
    action.kind === 'clear'
      ? clearVolume(environment, volume, action, facts, plan)
      : renew(environment, volume, action, facts);
  const settled = work.catch((error: unknown) => {
    log.error(
      { volume: volume.id, error: errorText(error) },
      'something unexpected went wrong with a volume',
    );
    return err({ reason: 'Pending', message: 'something unexpected went wrong', retry: 'slow' } as const);
  });
  void settled.then((done) => {
    if (done.ok) volume.attempt = undefined;
    else noteFailure(volume, action.fingerprint, done.error, clock.now());
    again();
  });
  return plan;
}

type Done = Promise<Result<void, ActionFailure>>;

async function renew(
  environment: NodeEnvironment,
  volume: Volume,
  action: Obtain,
  facts: Parameters<typeof obtainVolumeToken>[3],
): Done {
  const asking = new AbortController();
  volume.asking = asking;
  const obtained = await obtainVolumeToken(environment, volume, action, facts, asking.signal).finally(() => {
    volume.asking = undefined;
  });
  const done = obtained.ok ? await deliverVolumeToken(environment, volume, obtained.value) : obtained;
  environment.metrics.count('grantor_node_renewals_total', {
    issuer: facts.issuer?.metadata.name ?? '',
    outcome: done.ok ? 'Renewed' : done.error.reason,
  });
  return done;
}

/** That nothing lies there is remembered first: whoever starts after a crash in between empties what he is told is empty. */
async function clearVolume(
  environment: NodeEnvironment,
  volume: Volume,
  { because }: Extract<VolumeAction, { readonly kind: 'clear' }>,
  facts: VolumeFacts,
  { verdict }: VolumePlan,
): Done {
  const { store, log, audit, metrics, rng, node } = environment;
  const { delivered } = volume.state;
  const issuer = delivered && issuerOf(environment.world, delivered.issuer);
  const isRevoked = isRevokedByNode(facts, verdict, issuer, environment.clock.now());
  let token: Secret | undefined;
  const cleared = await inTurn(volume, async (): Done => {
    const { delivered: _, ...rest } = volume.state;
    if (isRevoked) token = await store.token(volume.id);
    for (const step of [() => store.save(rest), () => store.clear(volume.id)]) {
      const done = await step();
      if (!done.ok) return err(writeFailed(done.error, volume, log));
    }
    volume.state = rest;
    return ok(undefined);
  });
  if (!cleared.ok) return cleared;
  if (token && issuer && delivered) revokeWithdrawn(environment, volume, issuer, token, delivered);
  metrics.count('grantor_tokens_withdrawn_total', { because });
  audit({
    act: 'withdraw',
    outcome: 'success',
    ...auditOfVolume(volume, node),
    correlationID: rng.uuid(),
    ...(delivered && { tenantID: delivered.tenantID, clientID: delivered.clientID }),
    reason: verdict.kind === 'withdrawn' ? verdict.reason : because,
  });
  return cleared;
}
