import { seconds } from '../../../src/std/duration.ts';
import { lasting, type Scene, type Watchman } from './scene.ts';

/** A client that the issuer gives nothing any more has nothing left: every token that it ever had is over. */
export function whatIsWithdrawnIsRevoked(scene: Scene): Watchman {
  const { issuer } = scene;
  const alive = lasting(scene, 'what is withdrawn is revoked', seconds(15));
  return {
    looks() {
      const withdrawn = [...issuer.clients.values()].filter(({ desired }) => desired.audiences.length === 0);
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
