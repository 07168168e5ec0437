import type { KubeClient } from '../../../src/kube/kube-client.ts';
import type { KubeFailureKind } from '../../../src/kube/kube-failure.ts';

export type Verb = Exclude<keyof KubeClient, 'close'>;

/**
 * What is wrong with a call: it fails and nothing was done; it is done and its answer gets `lost`; or it `hangs` until the caller has
 * had enough.
 */
export type Fault = KubeFailureKind | 'lost' | 'hangs';

/** Which calls go wrong, and how. The last rule that fits a call counts. */
export class Faults {
  #rules: { readonly fits: (verb: Verb, plural: string) => boolean; readonly fault: Fault }[] = [];

  add(fault: Fault, fits: (verb: Verb, plural: string) => boolean): void {
    this.#rules.push({ fits, fault });
  }

  get empty(): boolean {
    return this.#rules.length === 0;
  }

  clear(): void {
    this.#rules = [];
  }

  of(verb: Verb, plural: string): Fault | undefined {
    return this.#rules.findLast(({ fits }) => fits(verb, plural))?.fault;
  }
}
