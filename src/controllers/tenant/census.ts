import type { TenantScope } from '../../api/tenant-scope.ts';
import type { Age } from '../../domain/eldest.ts';
import { Seniority } from '../../domain/seniority.ts';
import { type NamespaceFacts, tenancyOf } from '../../domain/tenancy.ts';
import { keyOf } from '../../runtime/store.ts';
import type { ConditionedObject, Kept } from '../../world/kept.ts';
import { allScopes } from '../lookups.ts';
import type { World } from '../world.ts';

/** What a tenant has a quota of. */
export type Counted = 'clients' | 'bindings';

interface Member extends Age {
  readonly key: string;
}
/** Of one kind, the objects of each tenant, by the UID of its TenantScope. */
type Tenants = Map<string, Seniority<Member>>;

/**
 * Who is within the quota of its tenant. It follows each object that comes or goes, since asking anew for each of ten thousand would
 * take ten thousand times as long.
 */
export class Census {
  readonly #world: World;
  readonly #ownNamespace: string;
  /** Nothing until somebody asks. */
  #tenants: Readonly<Record<Counted, Tenants>> | undefined;
  readonly #listeners: ((kind: Counted, key: string) => void)[] = [];

  constructor(world: World, ownNamespace: string) {
    this.#world = world;
    this.#ownNamespace = ownNamespace;
    world.scopes.onChange(({ previous, current }) => {
      // Our own status writes concern nobody.
      if (this.#tenants !== undefined && !isSameForm(previous, current)) this.#tenants = this.#countAll();
    });
    world.namespaces.onChange(({ key, previous, current }) => {
      if (this.#tenants === undefined) return;
      const [from, to] = [this.#scopeOf(previous), this.#scopeOf(current)];
      if (from?.metadata.uid !== to?.metadata.uid) this.#move(key, from, to);
    });
    world.clients.onChange(({ previous, current }) => this.#follow('clients', previous, current));
    world.bindings.onChange(({ previous, current }) => this.#follow('bindings', previous, current));
  }

  /** Whether the tenant has as many older ones as it may have. */
  isBeyond(kind: Counted, { metadata, spec }: TenantScope, one: { readonly metadata: Age }): boolean {
    this.#tenants ??= this.#countAll();
    return this.#tenants[kind].get(metadata.uid)?.isBeyond(spec[kind].max, one.metadata) ?? false;
  }

  /** Tells who comes within the quota, or falls out of it, because another one went or came. Changes of a TenantScope are not told. */
  onShift(listener: (kind: Counted, key: string) => void): void {
    this.#listeners.push(listener);
  }

  #countAll(): Readonly<Record<Counted, Tenants>> {
    return { clients: this.#count('clients'), bindings: this.#count('bindings') };
  }

  #count(kind: Counted): Tenants {
    const members = new Map<string, Member[]>();
    const scopes = new Map<string, TenantScope | undefined>();
    for (const kept of this.#world[kind].store.list()) {
      const { namespace } = kept;
      if (!scopes.has(namespace)) scopes.set(namespace, this.#scopeOfNamespace(namespace));
      const tenant = scopes.get(namespace)?.metadata.uid;
      const member = memberOf(kept);
      if (tenant === undefined || member === undefined) continue;
      const known = members.get(tenant);
      if (known === undefined) members.set(tenant, [member]);
      else known.push(member);
    }
    return new Map(Array.from(members, ([tenant, of]) => [tenant, new Seniority(of)]));
  }

  #follow(kind: Counted, previous: KeptObject | undefined, current: KeptObject | undefined): void {
    const [before, after] = [memberOf(previous), memberOf(current)];
    if (this.#tenants === undefined || before?.uid === after?.uid) return;
    const scope = this.#scopeOfNamespace((current ?? previous)?.namespace ?? '');
    if (scope === undefined) return;
    if (before !== undefined) this.#leaves(kind, scope, before);
    if (after !== undefined) this.#joins(kind, scope, after);
  }

  #move(namespace: string, from: TenantScope | undefined, to: TenantScope | undefined): void {
    for (const kind of ['clients', 'bindings'] as const) {
      for (const kept of this.#world[kind].store.byIndex('namespace', namespace)) {
        const member = memberOf(kept);
        if (member === undefined) continue;
        if (from !== undefined) this.#leaves(kind, from, member);
        if (to !== undefined) this.#joins(kind, to, member);
      }
    }
  }

  #joins(kind: Counted, { metadata, spec }: TenantScope, member: Member): void {
    const tenants = this.#tenants?.[kind];
    if (tenants === undefined) return;
    const seniority = tenants.get(metadata.uid) ?? new Seniority<Member>();
    tenants.set(metadata.uid, seniority);
    this.#tell(kind, seniority.add(spec[kind].max, member));
  }

  #leaves(kind: Counted, { metadata, spec }: TenantScope, member: Member): void {
    this.#tell(kind, this.#tenants?.[kind].get(metadata.uid)?.delete(spec[kind].max, member));
  }

  #tell(kind: Counted, shifted: Member | undefined): void {
    if (shifted !== undefined) for (const listener of this.#listeners) listener(kind, shifted.key);
  }

  #scopeOfNamespace(name: string): TenantScope | undefined {
    return this.#scopeOf(this.#world.namespaces.store.get(name));
  }

  #scopeOf(namespace: NamespaceFacts | undefined): TenantScope | undefined {
    const tenancy = tenancyOf(namespace, allScopes(this.#world), this.#ownNamespace);
    return tenancy.kind === 'tenant' ? tenancy.scope : undefined;
  }
}

type KeptObject = Kept<ConditionedObject & { readonly metadata: Age }>;

const memberOf = (kept: KeptObject | undefined): Member | undefined =>
  kept?.object && {
    key: keyOf(kept.namespace, kept.name),
    uid: kept.uid,
    creationTimestamp: kept.object.metadata.creationTimestamp,
  };

const isSameForm = (a: Kept<TenantScope> | undefined, b: Kept<TenantScope> | undefined): boolean =>
  a?.uid === b?.uid && a?.object?.metadata.generation === b?.object?.metadata.generation;
