import { aStatus } from './fault.ts';
import type { Rewrite } from './open-watch.ts';

/** Each line twice. */
export const twice: Rewrite = (line) => [line, line];

/** Each line, and then all again that were told before, the oldest last: whoever believes them is back at the beginning. */
export const replaying: Rewrite = (line, { told }) => [line, ...told.slice(0, -1).toReversed()];

/** Each two lines the other way round. */
export function swapping(): Rewrite {
  let first: string | undefined;
  return (line) => {
    const held = first;
    first = held === undefined ? line : undefined;
    return held === undefined ? [] : [line, held];
  };
}

/** Half of the line, then the end. */
export const cuttingInTheLine =
  (how: 'fin' | 'reset'): Rewrite =>
  (line) => [line.slice(0, line.length / 2), { end: how }];

/** The line never comes. */
export const dropping: Rewrite = () => [];

/** An ERROR event, with which an API server ends a watch that it cannot go on with. */
export const errorEvent = (code: number, reason: string): string => eventOf('ERROR', aStatus(code, reason));

/** Of an object as it is, whatever is wrong with it. */
export const eventOf = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;
