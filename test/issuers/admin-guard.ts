import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Agent, request } from 'undici';
import { openApi } from '../cluster/api.ts';
import type { CertificateFiles } from '../cluster/certificates.ts';

/** What stands in front of an admin API that asks nobody who he is, and asks. */
export interface AdminGuard {
  readonly url: string;
  /** Statuses of its own and of the API behind it, in order. */
  readonly answers: readonly number[];
  close(): Promise<void>;
}

export interface AdminGuardOptions {
  readonly tls: CertificateFiles;
  /** The admin API. */
  readonly target: string;
  /** Of a user who may review tokens. */
  readonly kubeconfig: string;
  readonly audience: string;
  /** Whose tokens it lets through. */
  readonly username: string;
}

/** Lets through who shows a token of one ServiceAccount for one audience, by a TokenReview, as a proxy in a cluster would. */
export async function startAdminGuard(options: AdminGuardOptions): Promise<AdminGuard> {
  const { tls, target, kubeconfig, audience, username } = options;
  const api = openApi(kubeconfig);
  const dispatcher = new Agent({ connect: { ca: readFileSync(tls.caFile, 'utf8') } });
  const answers: number[] = [];

  async function admits(token: string | undefined): Promise<boolean> {
    if (token === undefined) return false;
    const { body } = await api.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
      spec: { token, audiences: [audience] },
    });
    return body.status.authenticated === true && body.status.user.username === username;
  }

  async function answer(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(asked);
    const bearer = /^Bearer (\S+)$/.exec(asked.headers.authorization ?? '')?.[1];
    if (!(await admits(bearer))) {
      answers.push(401);
      return void response.writeHead(401).end();
    }
    const answer = await request(new URL(asked.url ?? '/', target), {
      method: asked.method as 'GET',
      headers: { 'content-type': 'application/json' },
      body: body === '' ? null : body,
      dispatcher,
    });
    answers.push(answer.statusCode);
    for (const name of ['link', 'content-type']) {
      const value = answer.headers[name];
      if (value !== undefined) response.setHeader(name, value);
    }
    return void response.writeHead(answer.statusCode).end(await answer.body.text());
  }

  const server = createServer(
    { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) },
    (asked, response) =>
      void answer(asked, response).catch(() => {
        response.destroy();
      }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.all([api.close(), dispatcher.close()]);
    },
  };
}
