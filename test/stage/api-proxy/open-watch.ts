import type { ServerResponse } from 'node:http';
import { sleep, systemClock } from '../../../src/std/clock.ts';
import { milliseconds } from '../../../src/std/duration.ts';
import type { ApiRequest } from './api-request.ts';
import type { Answer, NoAnswer } from './fault.ts';

/** Something that a watch tells, byte for byte (a line ends with `\n`), or what becomes of it then. */
export type Told = string | { readonly end: NoAnswer };

/** What is told instead of a line. */
export type Rewrite = (line: string, watch: OpenWatch) => readonly Told[];

/** A watch that a client has open. */
export interface OpenWatch {
  readonly request: ApiRequest;
  /** The latest lines that the server told. */
  readonly told: readonly string[];
  /** Says something to the client as if the server had, between two lines. */
  tell(text: string): void;
  /** Holds back what the server tells, without a sign, until what is returned is called. */
  withhold(): () => void;
  /** In an orderly way, as after `timeoutSeconds`. */
  end(): void;
  cut(how: 'fin' | 'reset'): void;
}

export interface WatchRelay {
  readonly watch: OpenWatch;
  /** Passes lines on as they come, until the server or the client ends it. */
  run(body: Answer['body'], rewrite: (line: string) => readonly Told[]): Promise<void>;
}

const mostRemembered = 100;
/** What was said last must arrive before the end, which would overtake it. */
const onItsWay = milliseconds(30);

export function createWatchRelay(
  request: ApiRequest,
  response: ServerResponse,
  cut: OpenWatch['cut'],
): WatchRelay {
  const told: string[] = [];
  /** Resolves when lines may pass. */
  let gate = Promise.resolve();

  /** Resolves when it is on its way, or can't be any more. */
  const write = (text: string): Promise<void> =>
    new Promise((resolve) => {
      // The server may go on after a test has ended the watch.
      if (response.writableEnded) resolve();
      else response.write(text, () => resolve());
    });
  const watch: OpenWatch = {
    request,
    told,
    tell: (text) => void write(text),
    withhold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    end: () => void response.end(),
    cut,
  };
  return {
    watch,
    async run(body, rewrite) {
      for await (const line of linesOf(body)) {
        if (told.push(line) > mostRemembered) told.shift();
        await gate;
        for (const part of rewrite(line)) {
          if (typeof part === 'string') await write(part);
          else if (part.end === 'silence') watch.withhold();
          else {
            await sleep(systemClock, onItsWay);
            return cut(part.end);
          }
        }
        await gate;
      }
      await gate;
      response.end();
    },
  };
}

/** Whole lines with their newline. A client that sees a watch line by line sees no difference. */
async function* linesOf(body: Answer['body']): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (
      rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))
    ).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield `${line}\n`;
  }
  if (rest !== '') yield rest;
}
