import { type OAuthClient, oauthClientKind } from '../../api/oauth-client.ts';
import { workloadIdentityBindingKind } from '../../api/workload-identity-binding.ts';
import { eventOfAct } from '../../domain/event-of-act.ts';
import type { Audit, AuditEvent } from '../../telemetry/audit.ts';
import type { Kept } from '../../world/kept.ts';
import type { World } from '../world.ts';
import type { Events } from './event-recorder.ts';
import { referenceTo } from './reference-to.ts';

/** Writes the audit trail by `audit`, and tells by events what was done for objects that are there. */
export const tellingActs =
  (audit: Audit, events: Events, { clients, bindings }: Pick<World, 'clients' | 'bindings'>): Audit =>
  (done) => {
    audit(done);
    const event = eventOfAct(done);
    if (event === undefined) return;
    const kind = done.binding === undefined ? oauthClientKind : workloadIdentityBindingKind;
    const kept = done.binding === undefined ? itsClient(clients, done) : bindings.store.get(done.binding);
    if (kept !== undefined) events.tell(referenceTo(kind, kept), event);
  };

/** What is another client at the issuer was left there by an earlier object of this name. One that leaves says no more which it was. */
function itsClient(
  { store }: World['clients'],
  { client, clientID }: Pick<AuditEvent, 'client' | 'clientID'>,
): Kept<OAuthClient> | undefined {
  const kept = client === undefined ? undefined : store.get(client);
  const known = kept?.object?.status?.clientID;
  return known === undefined || known === clientID ? kept : undefined;
}
