import type { Scene, Watchman } from './scene.ts';
import type { StoredSecret } from './stored.ts';

/** What people put under a name that the program wants is neither changed nor deleted. */
export function foreignSecretsStay({ byPeople, report }: Scene): Watchman {
  return {
    changed({ plural, previous }) {
      const secret: StoredSecret | undefined = previous;
      if (plural === 'secrets' && secret?.type === 'Opaque' && !byPeople())
        report('Secrets of others are left alone', `Secret ${secret.metadata.name} was touched`);
    },
  };
}
