import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, request as send } from 'node:https';
import { buffer } from 'node:stream/consumers';
import type { CertificateFiles } from '../../cluster/certificates.ts';
import { type ApiRequest, matches, type RequestMatch, readApiRequest } from './api-request.ts';
import type { Answer, Fault, NoAnswer } from './fault.ts';
import { type Listener, startListener } from './listener.ts';
import { createWatchRelay, type OpenWatch, type Rewrite, type Told } from './open-watch.ts';
import { createScoped, type Scope } from './scoped.ts';

/**
 * Stands between a program and an API server: sees every request, and can be told to spoil some. TLS ends here, so the program has
 * to say who it is by a token.
 */
export interface ApiProxy extends Pick<Listener, 'refuse' | 'fallDeaf' | 'listen' | 'cut' | 'present'> {
  readonly url: string;
  /** Everything that was asked, in order. */
  readonly requests: readonly ApiRequest[];
  /** The latest fault is the outermost. What is returned takes it back. */
  fault(match: RequestMatch, fault: Fault, scope?: Scope): () => void;
  /** Changes what watches tell, those that are open too; the latest sees what the earlier ones made. What is returned takes it back. */
  rewrite(match: RequestMatch, rewrite: Rewrite, scope?: Scope): () => void;
  /** The watches that are open now. */
  watches(match?: RequestMatch): readonly OpenWatch[];
  /** Takes all faults back and listens again. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

export interface ApiProxyOptions {
  /** The API server. */
  readonly target: URL;
  /** PEM, of the CA of its certificate. */
  readonly targetCa: string;
  /** What is shown to the program. */
  readonly certificate: CertificateFiles;
}

export async function startApiProxy(options: ApiProxyOptions): Promise<ApiProxy> {
  const agent = new Agent({ keepAlive: true, ca: options.targetCa });
  const requests: ApiRequest[] = [];
  const faults = createScoped<Fault>();
  const rewrites = createScoped<Rewrite>();
  const open = new Set<OpenWatch>();

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = readApiRequest(incoming);
    requests.push(request);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const body = await buffer(incoming);
    const server = (): Promise<Answer | NoAnswer> => ask(options.target, agent, incoming, body, gone.signal);
    let spoilt = server;
    for (const fault of faults.use(request)) {
      const next = spoilt;
      spoilt = () => fault(request, next);
    }
    const answer = await spoilt();
    if (answer === 'silence') return;
    if (typeof answer === 'string') return listener.cutOff(incoming, answer);
    response.writeHead(answer.status, { ...answer.headers } as Record<string, string | string[]>);
    response.flushHeaders();
    if (request.verb !== 'watch') return pass(answer.body, response);
    const relay = createWatchRelay(request, response, (how) => listener.cutOff(incoming, how));
    const { watch } = relay;
    open.add(watch);
    response.on('close', () => open.delete(watch));
    await relay.run(answer.body, (line) => {
      let parts: readonly Told[] = [line];
      for (const rewrite of rewrites.use(request)) {
        parts = parts.flatMap((part) => (typeof part === 'string' ? rewrite(part, watch) : [part]));
      }
      return parts;
    });
  };

  const listener = await startListener(options.certificate, (incoming, response) => {
    handle(incoming, response).catch(() => listener.cutOff(incoming, 'fin'));
  });
  return {
    ...listener,
    url: `https://127.0.0.1:${listener.port}`,
    requests,
    fault: (match, fault, scope) => faults.add(match, fault, scope),
    rewrite: (match, rewrite, scope) => rewrites.add(match, rewrite, scope),
    watches: (match = {}) => [...open].filter(({ request }) => matches(request, match)),
    async mend() {
      faults.clear();
      rewrites.clear();
      await listener.listen();
    },
    async close() {
      agent.destroy();
      await listener.close();
    },
  };
}

async function pass(body: Answer['body'], response: ServerResponse): Promise<void> {
  for await (const chunk of body) response.write(chunk);
  response.end();
}

/** Sends a request on as it came. */
function ask(
  target: URL,
  agent: Agent,
  { method, url = '', headers }: IncomingMessage,
  body: Buffer,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    send(new URL(url, target), { agent, method, headers, signal }, (response) => {
      const { statusCode: status = 502 } = response;
      // Whoever reads it is told; where nobody does any more, as after a silence, that it was cut off is news to nobody.
      response.on('error', () => {});
      resolve({ status, headers: response.headers as Answer['headers'], body: response });
    })
      .on('error', reject)
      .end(body);
  });
}
