import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { CallContext, IssuerDriver } from '../../src/ports/issuer-driver.ts';
import { sleep } from '../../src/std/clock.ts';
import type { Duration } from '../../src/std/duration.ts';
import { err } from '../../src/std/result.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';
import type { Life } from './life.ts';

/** One call of a process at the world outside. */
export interface PortCall {
  readonly port: 'kube' | 'issuer';
  readonly operation: string;
  readonly given: readonly unknown[];
}

/** What lies between a process and the world: its own end, the way there, and who watches. */
export interface Passage {
  readonly life: Life;
  /** The network's: a request that was sent arrives, whatever becomes of its sender. */
  readonly clock: FakeClock;
  readonly latency: (call: PortCall) => Duration;
  /** Told of each call as it leaves the process. */
  readonly leaves: (call: PortCall) => void;
}

/** The election goes on beside all else: its calls are no points at which to die, or there would be no others. */
export const isOfLease = ({ port, given: [kind] }: PortCall): boolean =>
  port === 'kube' && (kind as { readonly plural?: string } | undefined)?.plural === 'leases';

type Method = (...given: unknown[]) => unknown;

async function pass(
  { life, clock, latency, leaves }: Passage,
  call: PortCall,
  depart: () => () => unknown,
): Promise<unknown> {
  const point = (): Promise<boolean> => (isOfLease(call) ? life.awake() : life.point());
  if (!(await point())) return silence;
  leaves(call);
  const arrive = depart();
  const way = latency(call);
  if (way > 0) await sleep(clock, way);
  const answer = await arrive();
  return (await point()) ? answer : silence;
}

/** What code hears that still runs though its process is dead, in the words of either port. */
const silence = err({ kind: 'unavailable', message: 'dead', detail: 'dead' });

/** A stream that falls silent with its process. */
async function* mortalStream<T>(
  life: Life,
  stream: AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  for await (const one of stream) {
    if (!(await life.awake())) return;
    yield one;
  }
  await life.awake();
}

/** The API server as one process reaches it. */
export const mortalKube = (passage: Passage, client: KubeClient): KubeClient =>
  new Proxy(client, {
    get(_, operation) {
      const method = Reflect.get(client, operation) as Method;
      if (typeof operation === 'symbol' || operation === 'close') return method;
      if (operation === 'list')
        return (...given: Parameters<KubeClient['list']>) =>
          mortalStream(passage.life, client.list(...given));
      return async (...given: unknown[]) => {
        const answer = await pass(
          passage,
          { port: 'kube', operation, given },
          () => () => Reflect.apply(method, client, given),
        );
        if (operation !== 'watch') return answer;
        const opened = answer as Awaited<ReturnType<KubeClient['watch']>>;
        return opened.ok ? { ok: true, value: mortalStream(passage.life, opened.value) } : opened;
      };
    },
  });

/** A request that has left its process arrives, though nobody waits for its answer any more. */
const sent = (call: CallContext): CallContext =>
  call.signal.aborted ? call : { ...call, signal: new AbortController().signal };

/** An issuer as one process reaches it. Closing a driver ends nothing of the issuer's. */
export const mortalDriver = (passage: Passage, driver: IssuerDriver): IssuerDriver =>
  new Proxy(driver, {
    get(_, operation) {
      const method = Reflect.get(driver, operation) as Method;
      if (operation === 'close') return async () => undefined;
      return (...given: unknown[]) =>
        pass(passage, { port: 'issuer', operation: String(operation), given }, () => {
          const request = [...given.slice(0, -1), sent(given.at(-1) as CallContext)];
          return () => Reflect.apply(method, driver, request);
        });
    },
  });
