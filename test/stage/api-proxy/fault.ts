import { sleep, systemClock } from '../../../src/std/clock.ts';
import { type Duration, toSeconds } from '../../../src/std/duration.ts';
import type { ApiRequest } from './api-request.ts';

type Chunk = string | Uint8Array;

/** An answer on its way to the client. What its body throws cuts the connection. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: AsyncIterable<Chunk> | Iterable<Chunk>;
}

/** `silence`: nothing, for ever. `fin`: the connection ends. `reset`: it breaks (RST). */
export type NoAnswer = 'silence' | 'fin' | 'reset';

/**
 * What happens to a request. `next` is what would happen otherwise: the faults that were there before, and in the end the server.
 * A fault that doesn't call it keeps the request from the server.
 */
export type Fault = (
  request: ApiRequest,
  next: () => Promise<Answer | NoAnswer>,
) => Promise<Answer | NoAnswer>;

/** A refusal as the API server words it (`metav1.Status`). */
export const refusing = (
  code: number,
  reason: string,
  { retryAfter }: { readonly retryAfter?: Duration } = {},
): Fault => {
  const wait = retryAfter === undefined ? undefined : toSeconds(retryAfter);
  return answering(code, JSON.stringify(aStatus(code, reason)), {
    'content-type': 'application/json',
    ...(wait === undefined ? {} : { 'retry-after': String(wait) }),
  });
};

export const aStatus = (code: number, reason: string): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: `${reason}, says the fault`,
  reason,
  code,
});

/** Any answer: the HTML of a load balancer, JSON that makes no sense. */
export const answering =
  (status: number, body: string, headers: Answer['headers'] = {}): Fault =>
  () =>
    Promise.resolve({ status, headers, body: [body] });

/** As a load balancer says that it has nobody to ask. */
export const webPage = (status: number): Fault =>
  answering(status, '<html><body>Bad gateway</body></html>', { 'content-type': 'text/html' });

/** Everything as otherwise, only later. */
export const delaying =
  (delay: Duration): Fault =>
  async (_, next) => {
    await sleep(systemClock, delay);
    return next();
  };

/** The server is not asked. */
export const failing =
  (how: NoAnswer): Fault =>
  () =>
    Promise.resolve(how);

/** The server does what it is asked, and nobody hears of it. */
export const losingTheAnswer =
  (how: NoAnswer = 'reset'): Fault =>
  async (_, next) => {
    const answer = await next();
    if (typeof answer === 'string') return answer;
    for await (const _chunk of answer.body);
    return how;
  };

/** The answer begins, and the connection ends in the middle of its body. */
export const cuttingTheBody: Fault = async (_, next) => {
  const answer = await next();
  if (typeof answer === 'string') return answer;
  return { ...answer, body: firstHalf(answer.body) };
};

async function* firstHalf(body: Answer['body']): AsyncGenerator<Chunk> {
  for await (const chunk of body) {
    yield chunk.slice(0, Math.ceil(chunk.length / 2));
    throw new Error('cut in the body');
  }
}
