import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import { seconds } from '../../src/std/duration.ts';

export interface Question {
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly bearer?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed if it is JSON, the text otherwise. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read into it; a wrong path fails the test
  readonly body: any;
}

/** A bare connection to an authorization server, with nothing of the product in between. */
export interface HttpsClient {
  send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, question?: Question): Promise<Answer>;
  /** As `send`; throws unless the status says success. */
  expect(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, question?: Question): Promise<Answer>;
  close(): Promise<void>;
}

export function httpsClient(origin: string, caFile: string): HttpsClient {
  // A realm with a thousand clients takes its time to go on a busy machine.
  const timeout = seconds(120);
  const dispatcher = new Agent({
    allowH2: false,
    connect: { ca: readFileSync(caFile, 'utf8'), timeout },
    headersTimeout: timeout,
    bodyTimeout: timeout,
  });
  const client: HttpsClient = {
    async send(method, path, { json, form, bearer } = {}) {
      const body = form === undefined ? JSON.stringify(json) : new URLSearchParams(form).toString();
      const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded';
      const answer = await request(new URL(path, origin), {
        method,
        dispatcher,
        headers: {
          ...(body === undefined ? {} : { 'content-type': type }),
          ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        },
        ...(body === undefined ? {} : { body }),
      });
      const text = await answer.body.text();
      const isJson = String(answer.headers['content-type']).includes('json') && text !== '';
      return { status: answer.statusCode, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
    },
    async expect(method, path, question) {
      const answer = await client.send(method, path, question);
      if (answer.status < 300) return answer;
      throw new Error(`${method} ${path} was answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
    },
    close: () => dispatcher.destroy(),
  };
  return client;
}
