import { seconds } from '../../../src/std/duration.ts';
import { lasting, type Scene, type Watchman } from './scene.ts';
import { type StoredSecret, valueOf } from './stored.ts';

/** A client that the issuer is known to give nothing any more has nothing left: every token that it ever had is over. */
export function whatIsWithdrawnIsRevoked(scene: Scene): Watchman {
  const { issuer, server } = scene;
  const alive = lasting(scene, 'what is withdrawn is revoked', seconds(15));
  /** Whose withdrawal was answered. Until then it is sent again, which may wait for minutes after the issuer has taken our token for void. */
  const answered = (): ReadonlySet<string> =>
    new Set(
      (server.storage.list('secrets') as StoredSecret[])
        .filter(({ metadata }) => metadata.annotations?.['grantor.dev/registered-hash'] !== undefined)
        .map((secret) => valueOf(secret, 'client_id')),
    );
  return {
    looks() {
      const known = answered();
      const withdrawn = [...issuer.clients.values()].filter(
        ({ clientID, desired }) => desired.audiences.length === 0 && known.has(clientID),
      );
      const names = new Map(withdrawn.map(({ clientID, desired }) => [clientID, desired.name]));
      const wrong = new Map<string, string>();
      for (const token of issuer.issued) {
        const clientID = token.claims['client_id'] as string;
        const name = names.get(clientID);
        if (name !== undefined && issuer.isActive(token))
          wrong.set(clientID, `a token of ${name} is active, and the client is withdrawn`);
      }
      alive(wrong);
    },
  };
}
