import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, createServer, request as send } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { CertificateFiles } from '../cluster/certificates.ts';

/** A request as it came to the issuer. */
export interface IssuerRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** When it came, in milliseconds since the Unix epoch. */
  readonly at: number;
}

export interface IssuerAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What happens instead of an answer of the issuer; `forward` asks it all the same. Undefined: no answer at all. */
export type Fault = (
  forward: () => Promise<IssuerAnswer>,
) => Promise<IssuerAnswer | undefined> | IssuerAnswer | undefined;

/** Which requests a fault is for; what is left out matches everything. `about` is a namespace. */
export interface FaultMatch {
  readonly method?: string;
  readonly path?: RegExp;
  readonly about?: string;
}

/**
 * Stands in front of an issuer under an address of its own, which is the issuer's identifier: sees every request, and can be told to
 * spoil some.
 */
export interface IssuerProxy {
  readonly url: string;
  readonly requests: readonly IssuerRequest[];
  /** Every access token that the issuer has answered with. */
  readonly issued: readonly string[];
  /** The requests for a namespace's clients: those that name it, and those at the addresses of clients that were registered for it. */
  requestsAbout(namespace: string): readonly IssuerRequest[];
  /** From now on; the latest that matches counts. What is returned takes it back. */
  fault(match: FaultMatch, fault: Fault): () => void;
  /** Takes all faults back. */
  mend(): void;
  /** Where the issuer itself listens, and what it is asked for instead of a path. */
  forwardTo(origin: string, rewrite?: (path: string) => string): void;
  close(): Promise<void>;
}

export async function startIssuerProxy(tls: CertificateFiles): Promise<IssuerProxy> {
  const agent = new Agent({ keepAlive: true, ca: readFileSync(tls.caFile) });
  const requests: IssuerRequest[] = [];
  const issued: string[] = [];
  const faults = new Set<{ readonly match: FaultMatch; readonly fault: Fault }>();
  const namespaceOf = new Map<string, string>();
  let targetOf = (path: string): string => path;

  const concerns = (request: IssuerRequest, namespace: string): boolean =>
    namesNamespace(request, namespace) || namespaceOf.get(clientIDOf(request)) === namespace;
  const matches = (request: IssuerRequest, { method, path, about }: FaultMatch): boolean =>
    (method === undefined || method === request.method) &&
    (path === undefined || path.test(request.path)) &&
    (about === undefined || concerns(request, about));

  const server = createServer({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) });
  server.on('request', (incoming, response) => {
    void (async () => {
      const { method = '', url: path = '' } = incoming;
      const request = { method, path, body: await textOf(incoming), at: Date.now() };
      requests.push(request);
      const forward = async (): Promise<IssuerAnswer> => {
        const answer = await ask(agent, targetOf(path), incoming, request.body);
        learn(request, answer);
        return answer;
      };
      const fault = [...faults].reverse().find(({ match }) => matches(request, match))?.fault;
      const answer = await (fault ?? ((forward: () => Promise<IssuerAnswer>) => forward()))(forward);
      if (answer !== undefined) response.writeHead(answer.status, answer.headers).end(answer.body);
    })().catch(() => response.destroy());
  });

  /** Which namespace a client was registered for, and which tokens there are. */
  const learn = ({ method, path, body }: IssuerRequest, answer: IssuerAnswer): void => {
    const token = path === '/token' ? member(answer.body, 'access_token') : undefined;
    if (typeof token === 'string') issued.push(token);
    if (method !== 'POST' || path !== '/register' || answer.status !== 201) return;
    const [namespace = ''] = String(member(body, 'client_name')).split('/');
    namespaceOf.set(String(member(answer.body, 'client_id')), namespace);
  };

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    issued,
    requestsAbout: (namespace) => requests.filter((request) => concerns(request, namespace)),
    fault(match, fault) {
      const entry = { match, fault };
      faults.add(entry);
      return () => void faults.delete(entry);
    },
    mend: () => faults.clear(),
    forwardTo(origin, rewrite = (path) => path) {
      targetOf = (path) => origin + rewrite(path);
    },
    async close() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Always this answer. */
export const answering =
  (status: number, body: object | string = {}, headers: Readonly<Record<string, string>> = {}): Fault =>
  () => ({
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** The issuer does it, and nobody hears of it. */
export const losingTheAnswer: Fault = async (forward) => {
  await forward();
  throw new Error('the answer is lost');
};

/** What the issuer answers, without these members. */
export const leavingOut =
  (...members: readonly string[]): Fault =>
  async (forward) => {
    const answer = await forward();
    const body = JSON.stringify(omit(JSON.parse(answer.body), members));
    return { ...answer, headers: omit(answer.headers, ['content-length']), body };
  };

const omit = <T>(record: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));

/** No answer, ever. */
export const hanging: Fault = () => undefined;

function ask(agent: Agent, url: string, incoming: IncomingMessage, body: string): Promise<IssuerAnswer> {
  return new Promise((resolve, reject) => {
    const { method, headers } = incoming;
    send(url, { agent, method, headers }, (response) => {
      textOf(response).then(
        (text) =>
          resolve({
            status: response.statusCode ?? 502,
            headers: Object.fromEntries(
              Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
            ),
            body: text,
          }),
        reject,
      );
    })
      .on('error', reject)
      .end(body);
  });
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** In a registration by the client's name, in a login by the ServiceAccount that the assertion speaks for. */
function namesNamespace({ body }: IssuerRequest, namespace: string): boolean {
  const [owner] = String(member(body, 'client_name')).split('/');
  if (owner === namespace) return true;
  const payload = new URLSearchParams(body).get('client_assertion')?.split('.')[1] ?? '';
  const subject = String(member(Buffer.from(payload, 'base64url').toString(), 'sub'));
  return subject.startsWith(`system:serviceaccount:${namespace}:`);
}

function clientIDOf({ path, body }: IssuerRequest): string {
  return /^\/register\/([^/]+)/.exec(path)?.[1] ?? new URLSearchParams(body).get('client_id') ?? '';
}

function member(json: string, name: string): unknown {
  try {
    return (JSON.parse(json) as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
