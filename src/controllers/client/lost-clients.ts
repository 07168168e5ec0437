import { type OAuthIssuer, oauthIssuerKind } from '../../api/oauth-issuer.ts';
import { issuerHas } from '../../domain/issuer-usable.ts';
import type { RegistrationRecord } from '../../domain/registration-record.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import type { Environment } from '../environment.ts';
import { referenceTo } from '../events/reference-to.ts';
import type { Party } from './at-issuer.ts';
import { heldClients } from './held-clients.ts';

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
  { world, looks, metrics, events }: Pick<Environment, 'world' | 'looks' | 'metrics' | 'events'>,
  { client, registration }: RegistrationRecord,
  { metadata: { name, uid } }: OAuthIssuer,
  hash: string,
  { log }: Pick<ReconcileContext, 'log'>,
): void {
  const wasKnown = looks.of(client.uid).isGone;
  looks.note(client.uid, { hash, ...nothingThere });
  if (wasKnown) return;
  metrics.count('grantor_clients_lost_total', { issuer: name });
  log.warn(
    { issuer: name, clientID: registration?.clientID },
    'the issuer does not know the client any more',
  );
  const others = () => heldClients(world, name).filter((one) => one.uid !== client.uid);
  const clients = looks.hastenAll(uid, others);
  // Of many that are lost at once the first speaks for all.
  if (clients === undefined) return;
  log.warn(
    { issuer: name, clients },
    'the issuer lost a client; the others that it should hold are looked at now',
  );
  events.tell(referenceTo(oauthIssuerKind, { name, uid }), {
    type: 'Warning',
    reason: 'ClientsLost',
    note: `it does not know a client any more that it should hold; the others are looked at now: ${clients}`,
  });
}
