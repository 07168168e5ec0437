import { expect, vi } from 'vitest';
import type { Kubectl } from '../cluster/kubectl.ts';

/** A pod as kubectl tells of it, as far as tests look. */
export interface SeenPod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly { readonly restartCount: number; readonly ready: boolean }[];
  };
}

interface SeenEvent {
  readonly reason: string;
  readonly message?: string;
  readonly note?: string;
}

/** What kubectl tells of pods, and waiting for it. */
export interface PodsLook {
  pods(namespace: string): Promise<SeenPod[]>;
  /** The pods of a namespace, once so many are ready. */
  ready(namespace: string, count?: number, within?: number): Promise<SeenPod[]>;
  /** What the events of a pod say, in no particular order. */
  events(namespace: string, pod: string): Promise<string[]>;
  /** Waits for an event that matches. */
  event(namespace: string, pod: string, wanted: RegExp, within?: number): Promise<string>;
}

export function lookAtPods(kubectl: Kubectl): PodsLook {
  const pods: PodsLook['pods'] = async (namespace) => {
    const list = await kubectl([`--namespace=${namespace}`, 'get', 'pods', '--output=json']);
    return (JSON.parse(list) as { items: SeenPod[] }).items;
  };
  const events: PodsLook['events'] = async (namespace, pod) => {
    const selector = `--field-selector=involvedObject.name=${pod}`;
    const list = await kubectl([`--namespace=${namespace}`, 'get', 'events', selector, '--output=json']);
    return (JSON.parse(list) as { items: SeenEvent[] }).items.map(
      ({ reason, message, note }) => `${reason}: ${message ?? note ?? ''}`,
    );
  };
  return {
    pods,
    ready: (namespace, count = 1, within = 30_000) =>
      vi.waitFor(
        async () => {
          const found = await pods(namespace);
          const ready = found.filter(({ status }) => status.containerStatuses?.every((one) => one.ready));
          expect(ready.length, `pods of ${namespace} that are ready`).toBe(count);
          expect(found.length, `pods of ${namespace}`).toBe(count);
          return ready;
        },
        { timeout: within, interval: 250 },
      ),
    events,
    event: (namespace, pod, wanted, within = 30_000) =>
      vi.waitFor(
        async () => {
          const all = await events(namespace, pod);
          const found = all.find((event) => wanted.test(event));
          expect(found, `events of ${namespace}/${pod}: ${all.join(' | ')}`).toBeDefined();
          return found ?? '';
        },
        { timeout: within, interval: 250 },
      ),
  };
}
