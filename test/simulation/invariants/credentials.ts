import { seconds } from '../../../src/std/duration.ts';
import type { FakeClient } from '../../fakes/fake-issuer-driver.ts';
import { lasting, type Scene, type Watchman } from './scene.ts';
import { type StoredSecret, valueOf } from './stored.ts';

/**
 * What a tenant has in its Secret works at every instant, and during an overlap so does what was there before. Whoever stood still before
 * it told the issuer may tell it what was right then, and no issuer has a precondition that could refuse it: then it is mended soon.
 */
export function credentialsWork(scene: Scene): Watchman {
  const { issuer, server } = scene;
  const refused = lasting(scene, 'credentials work', seconds(15));
  let isOvertaken = false;

  const clientOf = (secret: StoredSecret): FakeClient | undefined =>
    issuer.clients.get(valueOf(secret, 'client_id'));
  const wrong = (): ReadonlyMap<string, string> => {
    const found = new Map<string, string>();
    for (const secret of server.storage.list('secrets') as StoredSecret[]) {
      const { name, annotations } = secret.metadata;
      const client = clientOf(secret);
      if (client === undefined) continue;
      if (secret.type === 'grantor.dev/client' && isRefused(secret, '', client))
        found.set(name, `what is in ${name} is refused`);
      const isOverlapping = annotations?.['grantor.dev/rotation-phase'] === 'Overlapping';
      if (isOverlapping && isRefused(secret, 'other_', client))
        found.set(
          name,
          `what was in the Secret of ${client.desired.name} before is refused during the overlap`,
        );
    }
    return found;
  };

  return {
    changed({ plural }) {
      if (plural !== 'secrets' || isOvertaken) return;
      for (const what of wrong().values()) scene.report('credentials work', what);
    },
    leaves({ life }, { port }) {
      if (port === 'issuer' && life.thawedAt > Number.NEGATIVE_INFINITY) isOvertaken = true;
    },
    looks() {
      if (isOvertaken) refused(wrong());
      else for (const what of wrong().values()) scene.report('credentials work', what);
    },
  };
}

/** Whether the client logs in as the Secret says, and not with what is in it. A change of the way to log in is a hard one. */
function isRefused(
  secret: StoredSecret,
  prefix: '' | 'other_',
  { desired, clientSecrets }: FakeClient,
): boolean {
  const { authentication } = desired;
  if (authentication.method === 'PrivateKey') {
    const text = valueOf(secret, `${prefix}private_key.jwk`);
    const { x, y } = JSON.parse(text || '{}') as { readonly x?: string; readonly y?: string };
    return text !== '' && !authentication.publicKeys.some((key) => key['x'] === x && key['y'] === y);
  }
  const clientSecret = valueOf(secret, `${prefix}client_secret`);
  return authentication.method === 'Secret' && clientSecret !== '' && !clientSecrets.includes(clientSecret);
}
