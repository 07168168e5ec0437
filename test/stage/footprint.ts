import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { Stored } from '../../src/kube/objects.ts';
import type { ResourceKind } from '../../src/kube/resource-path.ts';
import type { Report } from '../provision/progress.ts';
import { applyManifests, type Manifest, resourceOf } from './manifests.ts';

const longestFarewell = 30_000;
const pause = 100;

/** What we put into a cluster and was not there before, so that a cluster that isn't ours can be left as it was. */
export class Footprint {
  readonly #kube: KubeClient;
  readonly #report: Report;
  /** Newest first. */
  readonly #added: Stored[] = [];

  constructor(kube: KubeClient, report: Report) {
    this.#kube = kube;
    this.#report = report;
  }

  /** Applies manifests in their order. Throws with the server's sentence when one is refused. */
  async apply(manifests: readonly Manifest[]): Promise<void> {
    for (const manifest of manifests) {
      const before = await this.#kube.get(resourceOf(manifest), manifest.metadata);
      const stored = await applyManifests(this.#kube, [manifest]);
      if (!before.ok && before.error.kind === 'notFound') this.#added.unshift(...stored);
    }
  }

  /** Deletes what was added, the newest first, and waits for whoever has to do something about it before it goes. */
  async remove(): Promise<void> {
    for (const object of this.#added.splice(0)) {
      const { metadata } = object;
      const kind = resourceOf(object);
      const deleted = await this.#kube.delete(kind, metadata, { uid: metadata.uid });
      const gone = deleted.ok ? await this.#isGone(kind, metadata) : deleted.error.kind === 'notFound';
      if (!gone) this.#report(`${object.kind} ${metadata.name} is still there; delete it yourself`);
    }
  }

  async #isGone(kind: ResourceKind, { uid, ...at }: Stored['metadata']): Promise<boolean> {
    for (let waited = 0; waited < longestFarewell; waited += pause) {
      const found = await this.#kube.get(kind, at);
      if (!found.ok) return found.error.kind === 'notFound';
      // A namespace goes in its own time: what it waits for is not in its metadata.
      if (found.value.metadata.uid !== uid || !found.value.metadata.finalizers?.length) return true;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    return false;
  }
}
