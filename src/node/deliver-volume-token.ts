import { tokenFiles } from '../delivery/token-files.ts';
import type { ActionFailure } from '../domain/attempt.ts';
import { tellIssued } from '../issuance/tell-issued.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { NodeEnvironment } from './node-environment.ts';
import type { VolumeDelivery } from './obtain-volume-token.ts';
import { inTurn, type Volume } from './volume.ts';
import type { StoreFailure, VolumeState } from './volume-store.ts';

/**
 * Files, then the mount where the pod has none yet, then the state: whoever comes after a crash finds either that nothing was delivered, or
 * what was. What has lapsed while it waited for its turn is not written.
 */
export async function deliverVolumeToken(
  environment: NodeEnvironment,
  volume: Volume,
  delivery: VolumeDelivery,
): Promise<Result<void, ActionFailure>> {
  const { store, log } = environment;
  const before = volume.state.delivered;
  const written = await inTurn(volume, async (): Promise<Result<void, ActionFailure>> => {
    const lapse = delivery.lapse();
    if (lapse !== undefined) return err({ reason: 'TokenRefused', message: lapse, retry: 'soon' });
    const { id, state } = volume;
    const next = stateAfter(state, delivery);
    const steps = [
      () => store.write(id, filesOf(delivery), next.access),
      ...(state.published ? [] : [() => store.mount(id, state.targetPath)]),
      () => store.save(next),
    ];
    for (const step of steps) {
      const done = await step();
      if (!done.ok) return err(writeFailed(done.error, volume, log));
    }
    volume.state = next;
    return ok(undefined);
  });
  if (written.ok) {
    const { about, action, issuer } = delivery;
    const of = { issuer: issuer.metadata.name, tenant: action.grant.tenantID };
    tellIssued(environment, about, of, delivery, before);
  }
  return written;
}

function filesOf({ action, issued, tokenKey, scopes, expiresAt }: VolumeDelivery) {
  const { grant, generation } = action;
  const { token, tokenType } = issued;
  const { issuer, clientID, audience } = grant;
  return tokenFiles({
    ...{ token, tokenType, issuer, clientID, audience, scopes, expiresAt, generation },
    ...(tokenKey && { tokenKey: tokenKey.privateKey }),
  });
}

function stateAfter(
  state: VolumeState,
  { action, issuedAt, expiresAt, binding }: VolumeDelivery,
): VolumeState {
  const { generation, grantHash, dueAt, grant } = action;
  const { issuer, clientID, tenantID } = grant;
  const life = { issuedAt, expiresAt, generation, ...(dueAt === undefined ? {} : { dueAt }) };
  return {
    ...state,
    published: true,
    delivered: { ...life, bindingUID: binding.metadata.uid, grantHash, issuer, clientID, tenantID },
  };
}

/** Paths of the node are for its log; what the pod's owner reads has none. */
export function writeFailed(
  { detail }: StoreFailure,
  { id, state }: Volume,
  log: NodeEnvironment['log'],
): ActionFailure {
  const { namespace, name } = state.pod;
  log.error({ volume: id, pod: `${namespace}/${name}`, error: detail }, 'a volume could not be written');
  return { reason: 'VolumeWriteFailed', message: 'the files could not be written', retry: 'soon' };
}
