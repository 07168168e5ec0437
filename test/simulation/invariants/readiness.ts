import { minutes, seconds } from '../../../src/std/duration.ts';
import { lasting, type Scene, type Watchman } from './scene.ts';
import { isReady, ownerOf, type StoredBinding, type StoredSecret, valueOf } from './stored.ts';

/** Somebody may have removed it since, and the program not have seen that yet. */
const recently = minutes(5);

/**
 * Ready=True is told of a binding whose token is in its Secret, or, where it has none, whose client the issuer knows; and of a client that
 * is registered.
 */
export function readyIsTrue(scene: Scene): Watchman {
  const { clock, server, issuer } = scene;
  /** When the Secret of an owner was last there, by its UID. */
  const seenAt = new Map<string, number>();
  const stale = lasting(scene, 'Ready is told of what is there', seconds(15));
  const isThere = (uid: string): boolean =>
    clock.elapsed() - (seenAt.get(uid) ?? Number.NEGATIVE_INFINITY) < recently;
  const see = (secret: StoredSecret | undefined): void => {
    if (secret === undefined) return;
    const isRecord = secret.type === 'grantor.dev/registration';
    if (isRecord && !issuer.clients.has(valueOf(secret, 'client_id'))) return;
    const uid = isRecord
      ? secret.metadata.annotations?.['grantor.dev/client-uid']
      : secret.type === 'grantor.dev/token'
        ? ownerOf(secret)
        : undefined;
    if (uid !== undefined) seenAt.set(uid, clock.elapsed());
  };
  const secrets = (): StoredSecret[] => server.storage.list('secrets');

  return {
    changed({ plural, previous, current }) {
      if (plural === 'secrets') {
        see(previous);
        see(current);
      }
      if (plural !== 'workloadidentitybindings' && plural !== 'oauthclients') return;
      const [before, after] = [previous, current] as [StoredBinding | undefined, StoredBinding | undefined];
      if (after === undefined || !isReady(after) || (before && isReady(before))) return;
      secrets().forEach(see);
      const isForVolumes = after.kind === 'WorkloadIdentityBinding' && after.spec.delivery === undefined;
      if (isForVolumes ? after.status?.grant === undefined : !isThere(after.metadata.uid))
        scene.report(
          'Ready is told of what is there',
          `${after.kind} ${after.metadata.name} is told to be ready`,
        );
    },
    looks() {
      const owners = new Set(secrets().map(ownerOf));
      const bindings = server.storage.list('workloadidentitybindings') as StoredBinding[];
      const hasPlace = ({ spec, status, metadata }: StoredBinding): boolean =>
        spec.delivery === undefined
          ? issuer.clients.has(status?.grant?.clientID ?? '')
          : owners.has(metadata.uid);
      const wrong = bindings.filter((binding) => isReady(binding) && !hasPlace(binding));
      stale(
        new Map(wrong.map(({ metadata }) => [metadata.uid, `binding ${metadata.name} is ready of nothing`])),
      );
    },
  };
}
