import { oauthClientKind } from '../../api/oauth-client.ts';
import { workloadIdentityBindingKind } from '../../api/workload-identity-binding.ts';
import { eventOfAct } from '../../domain/event-of-act.ts';
import { apiVersionOf } from '../../kube/resource-path.ts';
import type { Audit } from '../../telemetry/audit.ts';
import type { World } from '../world.ts';
import type { Events } from './event-recorder.ts';

/** Writes the audit trail by `audit`, and tells by events what was done for objects that are there. */
export const tellingActs =
  (audit: Audit, events: Events, { clients, bindings }: Pick<World, 'clients' | 'bindings'>): Audit =>
  (done) => {
    audit(done);
    const event = eventOfAct(done);
    const [kind, informer, key] =
      done.binding === undefined
        ? ([oauthClientKind, clients, done.client] as const)
        : ([workloadIdentityBindingKind, bindings, done.binding] as const);
    const kept = key === undefined ? undefined : informer.store.get(key);
    if (event === undefined || kept === undefined) return;
    const { namespace, name, uid } = kept;
    events.tell({ apiVersion: apiVersionOf(kind), kind: kind.kind, namespace, name, uid }, event);
  };
