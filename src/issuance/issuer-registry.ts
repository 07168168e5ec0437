import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { ActionFailure } from '../domain/attempt.ts';
import { configMapKind } from '../kube/core-kinds.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { KubeObject } from '../kube/objects.ts';
import { sha256 } from '../std/digest.ts';
import { err, ok, type Result } from '../std/result.ts';

/** All that the registry asks of what it keeps. */
interface Closable {
  close(): Promise<void>;
}

interface Entry<D> {
  readonly driver: D;
  /** Of everything that the driver was made from. */
  readonly fingerprint: string;
  readonly uid: string;
  readonly generation: number;
}

/** Why there is no CA bundle. */
interface NoBundle {
  /** The API server did not say what is there. */
  readonly unread: boolean;
  readonly failure: ActionFailure;
}

export interface IssuerRegistryOptions<D> {
  readonly kube: Pick<KubeClient, 'get'>;
  /** Grantor's own namespace: the only one whose ConfigMaps an OAuthIssuer can name. */
  readonly namespace: string;
  readonly makeDriver: (issuer: OAuthIssuer, caBundle: string | undefined) => D;
}

/** One driver for each OAuthIssuer: made when it is first needed, made anew when its spec or its CA bundle changes. */
export class IssuerRegistry<D extends Closable> {
  readonly #options: IssuerRegistryOptions<D>;
  readonly #entries = new Map<string, Entry<D>>();
  readonly #underWay = new Map<string, Promise<Result<D, ActionFailure>>>();

  constructor(options: IssuerRegistryOptions<D>) {
    this.#options = options;
  }

  /** The driver for this form of the issuer; asks the API server only when it has to be made. */
  async driver(issuer: OAuthIssuer): Promise<Result<D, ActionFailure>> {
    const { name, uid, generation } = issuer.metadata;
    const entry = this.#entries.get(name);
    if (entry?.uid === uid && entry.generation === generation) return ok(entry.driver);
    return this.refresh(issuer);
  }

  /** The same, but looks whether the CA bundle changed meanwhile. */
  async refresh(issuer: OAuthIssuer): Promise<Result<D, ActionFailure>> {
    const { name, uid, generation } = issuer.metadata;
    // One for each form: who asks for the driver of a new form must not get, nor send anything to, that of the old one.
    const form = `${name}/${uid}/${generation}`;
    const underWay =
      this.#underWay.get(form) ?? this.#make(issuer).finally(() => this.#underWay.delete(form));
    this.#underWay.set(form, underWay);
    return underWay;
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  async forget(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    this.#entries.delete(name);
    await entry?.driver.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((name) => this.forget(name)));
  }

  async #make(issuer: OAuthIssuer): Promise<Result<D, ActionFailure>> {
    const { name, uid, generation } = issuer.metadata;
    if (!URL.canParse(issuer.spec.issuer))
      return err(unusable(`spec.issuer: ${issuer.spec.issuer} is no URL`));
    const adminURL = issuer.spec.driver.hydra?.adminURL;
    if (adminURL !== undefined && !URL.canParse(adminURL))
      return err(unusable(`spec.driver.hydra.adminURL: ${adminURL} is no URL`));
    const caBundle = await this.#caBundle(issuer);
    const entry = this.#entries.get(name);
    if (!caBundle.ok) {
      const { unread, failure } = caBundle.error;
      // While the API server is away, the bundle that was there last is as good as any: tokens are renewed without it.
      const isCurrent = entry?.uid === uid && entry.generation === generation;
      return unread && isCurrent ? ok(entry.driver) : err(failure);
    }
    const fingerprint = sha256(`${uid}/${generation}/${caBundle.value ?? ''}`);
    if (entry?.fingerprint === fingerprint) return ok(entry.driver);
    // Whoever read the older form is behind, and must not undo what the newer one brought.
    if (entry?.uid === uid && entry.generation > generation) return err(changed(name));
    const driver = this.#options.makeDriver(issuer, caBundle.value);
    this.#entries.set(name, { driver, fingerprint, uid, generation });
    // Nobody waits for what the old one has still under way, and nobody cuts it off.
    void entry?.driver.close();
    return ok(driver);
  }

  async #caBundle({ spec }: OAuthIssuer): Promise<Result<string | undefined, NoBundle>> {
    const ref = spec.tls?.caBundleRef;
    if (ref === undefined) return ok(undefined);
    const { kube, namespace } = this.#options;
    const found = await kube.get<KubeObject & { readonly data?: Readonly<Record<string, string>> }>(
      configMapKind,
      {
        namespace,
        name: ref.name,
      },
    );
    const bundle = found.ok ? found.value.data?.[ref.key] : undefined;
    if (bundle?.includes('-----BEGIN CERTIFICATE-----')) return ok(bundle);
    const problem = found.ok
      ? `has no PEM certificates under key ${ref.key}`
      : `cannot be read: ${found.error.message}`;
    return err({
      unread: !found.ok && found.error.kind !== 'notFound',
      failure: unusable(`spec.tls.caBundleRef: ConfigMap ${namespace}/${ref.name} ${problem}`),
    });
  }
}

const changed = (name: string): ActionFailure => ({
  reason: 'IssuerNotReady',
  message: `OAuthIssuer ${name} was changed meanwhile`,
  retry: 'soon',
});

const unusable = (message: string): ActionFailure => ({
  reason: 'IssuerConfigInvalid',
  message,
  retry: 'soon',
});
