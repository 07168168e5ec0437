import { oauthClientKind } from '../../src/api/oauth-client.ts';
import { oauthIssuerKind } from '../../src/api/oauth-issuer.ts';
import { tenantScopeKind } from '../../src/api/tenant-scope.ts';
import { workloadIdentityBindingKind } from '../../src/api/workload-identity-binding.ts';
import { namespaceKind, secretKind, serviceAccountKind } from '../../src/kube/core-kinds.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { ResourceKind } from '../../src/kube/resource-path.ts';
import { canonicalJson, type Json } from '../../src/std/canonical-json.ts';
import type { FakeApiServer } from '../fakes/fake-api-server/fake-api-server.ts';
import {
  accountManifest,
  bindingManifest,
  clientManifest,
  foreignSecretManifest,
  issuerManifest,
  namespaceManifest,
  scopeManifest,
} from './manifests.ts';
import { type ClientName, type ClientWish, clientNames, type UserStep } from './steps.ts';

const edition = 'example.com/edition';

interface Wish {
  readonly kind: ResourceKind;
  readonly manifest: KubeObject;
  readonly wanted: boolean;
  /** Another edition is another object under the same name. */
  readonly edition: number;
}

/**
 * What users want to be there, as in a repository that is applied again and again: so the outcome does not depend on how long a deletion
 * took.
 */
export class Wishes {
  readonly #server: FakeApiServer;
  readonly #wishes = new Map<string, Wish>();
  /** Those that the server does not hold yet. */
  readonly #open = new Set<string>();
  readonly #clients = new Map<ClientName, ClientWish>();
  readonly #rotations = new Map<ClientName, number>();
  /** True while users write: what changes then was not the program. */
  applying = false;

  constructor(server: FakeApiServer) {
    this.#server = server;
    this.#become(namespaceKind, namespaceManifest({ tenant: 'acme' }));
    this.#become(oauthIssuerKind, issuerManifest());
    this.#become(tenantScopeKind, scopeManifest('full'));
    for (const name of clientNames) {
      const login = name === 'billing' ? 'federated' : 'secret';
      this.#become(serviceAccountKind, accountManifest(name));
      this.#becomeClient(name, { ...defaultClient, login });
      this.#become(workloadIdentityBindingKind, bindingManifest(name, defaultBinding));
    }
    this.#become(secretKind, foreignSecretManifest(), 'gone');
  }

  perform(step: UserStep): void {
    if ('client' in step)
      this.#becomeClient(step.client, typeof step.to === 'object' ? step.to : defaultClient, step.to);
    else if ('rotation' in step) this.#askForRotation(step.rotation);
    else if ('binding' in step)
      this.#become(
        workloadIdentityBindingKind,
        bindingManifest(step.binding, typeof step.to === 'object' ? step.to : defaultBinding),
        step.to,
      );
    else if ('account' in step) this.#become(serviceAccountKind, accountManifest(step.account), step.to);
    else if ('tenant' in step)
      this.#become(
        tenantScopeKind,
        scopeManifest(step.tenant === 'gone' || step.tenant === 'anew' ? 'full' : step.tenant),
        step.tenant,
      );
    else if ('namespace' in step)
      this.#become(namespaceKind, namespaceManifest(step.namespace === 'bare' ? {} : { tenant: 'acme' }));
    else if ('issuerObject' in step) this.#become(oauthIssuerKind, issuerManifest(), step.issuerObject);
    else this.#become(secretKind, foreignSecretManifest(), step.foreignSecret);
  }

  /** Lets the server hold what is wanted, as far as it can by now. */
  apply(): void {
    if (this.#open.size === 0) return;
    this.applying = true;
    for (const key of [...this.#open]) {
      const wish = this.#wishes.get(key);
      if (wish === undefined || this.#fulfil(wish)) this.#open.delete(key);
    }
    this.applying = false;
  }

  #becomeClient(name: ClientName, wish: ClientWish, to?: unknown): void {
    if (to !== 'anew') this.#clients.set(name, wish);
    this.#become(oauthClientKind, clientManifest(name, wish, this.#rotations.get(name)), to);
  }

  /** Who is not there has no credential. */
  #askForRotation(name: ClientName): void {
    const wish = this.#clients.get(name) ?? defaultClient;
    this.#rotations.set(name, (this.#rotations.get(name) ?? 0) + 1);
    const manifest = clientManifest(name, wish, this.#rotations.get(name));
    if (this.#wishes.get(keyOf(oauthClientKind, manifest))?.wanted) this.#becomeClient(name, wish);
  }

  /** `gone`, `anew`, or like the manifest. Who wants it anew wants what was there before. */
  #become(kind: ResourceKind, manifest: KubeObject, to?: unknown): void {
    const key = keyOf(kind, manifest);
    const before = this.#wishes.get(key);
    const edition = (before?.edition ?? 0) + (to === 'anew' ? 1 : 0);
    const kept = to === 'anew' ? (before?.manifest ?? manifest) : manifest;
    this.#wishes.set(key, { kind, manifest: kept, wanted: to !== 'gone', edition });
    this.#open.add(key);
  }

  /** Says whether nothing is left to do. */
  #fulfil({ kind, manifest, wanted, edition: of }: Wish): boolean {
    const { objectWrites } = this.#server;
    const found = this.#server.find<UserObject>(kind.plural, manifest.metadata);
    // A Secret of the program's under that name is not the users' to remove, unless they want the place.
    const isTheirs = kind !== secretKind || found?.type === 'Opaque';
    if (!wanted && (found === undefined || !isTheirs)) return true;
    const metadata = {
      ...manifest.metadata,
      annotations: { ...manifest.metadata.annotations, [edition]: String(of) },
    };
    const isGoing = found?.metadata.deletionTimestamp !== undefined;
    if (found !== undefined && wanted && isTheirs && !isGoing && editionOf(found) === of) {
      const next = { ...found, ...manifest, metadata: { ...found.metadata, ...metadata } };
      if (canonicalJson(next as unknown as Json) !== canonicalJson(found as unknown as Json))
        objectWrites.replace(kind, next, 'kubectl');
      return true;
    }
    // Clients hold an issuer for as long as somebody wants them. Who wants it anew all the same takes its finalizer away, as people do.
    if (found !== undefined && kind === oauthIssuerKind)
      objectWrites.patchMetadata(kind, found.metadata, { finalizers: [] });
    if (found !== undefined && !isGoing)
      objectWrites.delete(kind, manifest.metadata, { uid: found.metadata.uid });
    if (this.#server.find(kind.plural, manifest.metadata) !== undefined) return false;
    if (wanted) objectWrites.create(kind, { ...manifest, metadata }, 'kubectl');
    return true;
  }
}

type UserObject = KubeObject & { readonly type?: string };

const defaultClient = { scopes: 0, login: 'federated', secret: 'a' } as const;
const defaultBinding = { scopes: 0, secret: 'a' } as const;

const keyOf = (kind: ResourceKind, { metadata }: KubeObject): string => `${kind.plural} ${metadata.name}`;
const editionOf = ({ metadata }: KubeObject): number => Number(metadata.annotations?.[edition]);
