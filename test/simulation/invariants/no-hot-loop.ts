import { minutes } from '../../../src/std/duration.ts';
import { isOfLease } from '../mortal-ports.ts';
import type { Actor, Scene, Watchman } from './scene.ts';

/** Calls of one process in a minute, leases, lists and watches apart: a few objects that all change need far fewer. */
const mostCalls = 250;

/** Whatever fails, it is tried again after a while and not at once, for ever. */
export function noHotLoop({ clock, report }: Scene): Watchman {
  const calls = new Map<Actor, { minute: number; count: number }>();
  return {
    leaves(actor, call) {
      if (call.operation === 'watch' || isOfLease(call)) return;
      const minute = Math.floor(clock.elapsed() / minutes(1));
      const known = calls.get(actor);
      const count = known?.minute === minute ? known.count + 1 : 1;
      calls.set(actor, { minute, count });
      if (count === mostCalls)
        report(
          'no hot loop',
          `${actor.identity} made ${count} calls in a minute, the last one ${call.operation}`,
        );
    },
  };
}
