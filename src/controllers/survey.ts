import type { WorkloadIdentityBinding } from '../api/workload-identity-binding.ts';
import { durationIn } from '../domain/grant-status.ts';
import { believed, renewalOf, spreadOf, type TokenLife } from '../domain/rotation.ts';
import { keyOf } from '../runtime/store.ts';
import { minutes } from '../std/duration.ts';
import { type Instant, instantIn, minus } from '../std/instant.ts';
import type { ConditionedObject, Kept } from '../world/kept.ts';
import type { World } from './world.ts';

type Gauges = {
  readonly grantor_objects: readonly ['kind', 'ready', 'reason'];
  readonly grantor_issuer_ready: readonly ['issuer'];
  readonly grantor_tokens: readonly ['issuer', 'tenant', 'content'];
  readonly grantor_rotations_overdue: readonly ['issuer'];
};

/** One number of a survey, as a metric takes it. */
export type Finding = {
  [Name in keyof Gauges]: {
    readonly name: Name;
    readonly labels: Readonly<Record<Gauges[Name][number], string>>;
    readonly value: number;
  };
}[keyof Gauges];

/** A step of a rotation that is due waits for its issuer, its turn and its consumers; for longer than this somebody should know. */
const patience = minutes(60);

/**
 * How things are, in numbers for a monitor: what the caches say, and nothing that a tenant could make grow without end. No names of tenants'
 * objects are in it.
 */
export function survey(world: World, now: Instant): readonly Finding[] {
  const found = new Map<string, Finding>();
  const count = (finding: Finding): void => {
    const key = JSON.stringify([finding.name, finding.labels]);
    const value = (found.get(key)?.value ?? 0) + finding.value;
    found.set(key, { ...finding, value });
  };
  for (const [kind, { store }] of [
    ['OAuthIssuer', world.issuers],
    ['TenantScope', world.scopes],
    ['OAuthClient', world.clients],
    ['WorkloadIdentityBinding', world.bindings],
  ] as const)
    for (const kept of store.list() as Iterable<Kept<ConditionedObject>>) {
      const { status, reason } = readyOf(kept);
      count({ name: 'grantor_objects', labels: { kind, ready: status, reason }, value: 1 });
    }
  for (const { name: issuer, object } of world.issuers.store.list()) {
    const isReady = object !== undefined && readyOf({ object, malformed: undefined }).status === 'True';
    count({ name: 'grantor_issuer_ready', labels: { issuer }, value: isReady ? 1 : 0 });
    count({ name: 'grantor_rotations_overdue', labels: { issuer }, value: 0 });
  }
  for (const { object: client } of world.clients.store.list()) {
    const due = instantIn(client?.status?.rotation?.next);
    if (client === undefined || due === undefined || due >= minus(now, patience)) continue;
    const { name: issuer } = client.spec.issuerRef;
    count({ name: 'grantor_rotations_overdue', labels: { issuer }, value: 1 });
  }
  for (const { object: binding } of world.bindings.store.list()) {
    const content = binding && contentOf(world, binding, now);
    const grant = binding?.status?.grant;
    if (content === undefined || grant === undefined) continue;
    const labels = { issuer: grant.derivedFrom.issuer.name, tenant: grant.tenantID, content };
    count({ name: 'grantor_tokens', labels, value: 1 });
  }
  return [...found.values()];
}

function readyOf({ object, malformed }: Pick<Kept<ConditionedObject>, 'object' | 'malformed'>) {
  const { conditions = [] } = (object ?? malformed)?.status ?? {};
  return conditions.find(({ type }) => type === 'Ready') ?? { status: 'Unknown', reason: 'Pending' };
}

/** What is in the Secret of a binding that is granted; nothing to say of one that has no Secret. */
function contentOf(world: World, binding: WorkloadIdentityBinding, now: Instant): string | undefined {
  const { metadata, spec, status } = binding;
  const { delivery, rotation } = spec;
  if (delivery === undefined || status?.grant === undefined) return undefined;
  const record = world.tokenSecrets.store.get(keyOf(metadata.namespace, delivery.secretRef.name));
  const delivered: TokenLife | undefined = record?.ownerUID === metadata.uid ? record.delivered : undefined;
  if (delivered === undefined) return 'Empty';
  const life = believed(delivered, durationIn(status.grant.maxLifetime), now);
  if (life.expiresAt <= now) return 'Expired';
  const { lateAt } = renewalOf(life, rotation, spreadOf(metadata.uid, life.generation));
  return lateAt <= now ? 'Late' : 'Fresh';
}
