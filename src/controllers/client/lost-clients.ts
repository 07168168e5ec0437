import { issuerHas } from '../../domain/issuer-usable.ts';
import type { Look } from '../../domain/look.ts';
import type { RegistrationRecord } from '../../domain/registration-record.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { seconds } from '../../std/duration.ts';
import { type Instant, plus } from '../../std/instant.ts';
import type { Environment } from '../environment.ts';
import type { Party } from './at-issuer.ts';
import { heldClients } from './held-clients.ts';

/** A client that was looked at within this time is not looked at again because of another. */
const justNow = seconds(30);

/** What is seen of a client that its issuer lost. */
export const nothingThere = { differences: ['there is no such client'], isGone: true } as const;

/** RFC 7592 section 2.1 has 401 for a client that is gone, too; where no client has a token of its own, it speaks of our login. */
export const isLost = ({ kind }: IssuerFailure, { issuer }: Pick<Party, 'issuer'>): boolean =>
  kind === 'notFound' || (kind === 'unauthorized' && !issuerHas(issuer, 'ManageByMark'));

/**
 * Notes that an issuer lost a client. It may have lost more, restarted without what it kept or brought back from a backup: so all others that it
 * should hold are looked at now, as fast as its limits allow.
 */
export function noteLoss(
  { world, looks, metrics, clock }: Pick<Environment, 'world' | 'looks' | 'metrics' | 'clock'>,
  { issuer, client, registration }: RegistrationRecord,
  hash: string,
  { log }: Pick<ReconcileContext, 'log'>,
): void {
  const wasKnown = looks.of(client.uid).isGone;
  looks.note(client.uid, { hash, ...nothingThere });
  if (wasKnown) return;
  metrics.count('grantor_clients_lost_total', { issuer });
  const now = clock.now();
  const others = heldClients(world, issuer).filter(({ uid }) => !isAsGoodAsSeen(looks.of(uid), now));
  for (const { uid, key } of others) looks.hasten(uid, key);
  log.warn(
    { issuer, clientID: registration?.clientID, clients: others.length },
    'the issuer lost a client; the others that it should hold are looked at now',
  );
}

const isAsGoodAsSeen = ({ at, hash, isDue }: Look, now: Instant): boolean =>
  isDue === true || (hash !== undefined && at <= now && plus(at, justNow) > now);
