import type { Scene, Watchman } from './scene.ts';

/** At the issuer there is one client for each OAuthClient, whose UID our mark ends with, and never two. */
export function oneClientEach({ issuer, report }: Scene): Watchman {
  return {
    looks() {
      const seen = new Map<string, string>();
      for (const { clientID, desired } of issuer.clients.values()) {
        const owner = desired.mark.split(':').at(-1) ?? '';
        const other = seen.get(owner);
        if (other !== undefined)
          report('one client for each OAuthClient', `${other} and ${clientID} are both for ${owner}`);
        seen.set(owner, clientID);
      }
    },
  };
}
