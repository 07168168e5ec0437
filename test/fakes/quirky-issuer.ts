import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import * as jose from 'jose';
import { systemClock } from '../../src/std/clock.ts';
import { systemRng } from '../../src/std/rng.ts';
import { createAuthority, issueCertificate } from '../cluster/certificates.ts';

/** One request as it arrived. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly response: ServerResponse;
  readonly issuer: QuirkyIssuer;
}

/** What an endpoint does instead of what it should. */
export type Quirk = (exchange: Exchange) => void | Promise<void>;

/** An authorization server over TLS that can be told to misbehave, endpoint by endpoint. */
export interface QuirkyIssuer {
  readonly identifier: string;
  readonly caBundle: string;
  readonly requests: readonly Omit<Exchange, 'response' | 'issuer'>[];
  /** From now on the endpoint does this. Paths: `/token`, `/register`, `/register/ID`, `/revoke`, `/jwks`, and the well-known ones. */
  quirk(path: string, quirk: Quirk): void;
  /** Puts everything right again. */
  mend(): void;
  /** Bytes that were handed to connections since the start. */
  bytesSent(): number;
  /** A JWT as the token endpoint issues it. */
  sign(claims: jose.JWTPayload): Promise<string>;
  /** Replaces the signing key, under a new `kid`. */
  rotateKey(): Promise<void>;
  close(): Promise<void>;
}

export const discoveryPath = '/.well-known/oauth-authorization-server';
export const oidcDiscoveryPath = '/.well-known/openid-configuration';
export const tokenPath = '/token';
export const jwksPath = '/jwks';
export const registrationPath = '/register';
export const revocationPath = '/revoke';

/** Starts one on a free port of the loopback. It takes any client and any credential: it is for faults, not for rules. */
export async function startQuirkyIssuer(): Promise<QuirkyIssuer> {
  const authority = await createAuthority('Quirky CA');
  const serving = await issueCertificate(authority, {
    commonName: 'quirky',
    hosts: ['127.0.0.1', 'localhost', 'issuer.invalid'],
  });
  const requests: Omit<Exchange, 'response' | 'issuer'>[] = [];
  const quirks = new Map<string, Quirk>();
  const sockets = new Set<{ readonly bytesWritten: number }>();
  let signer = await newSigner();

  const server: Server = createServer(
    { cert: serving.certificate, key: serving.privateKey },
    (request, response) => {
      void serve(request, response);
    },
  );
  server.on('secureConnection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const identifier = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const seen = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
    requests.push(seen);
    const behave = quirks.get(seen.path) ?? wellBehaved;
    await behave({ ...seen, response, issuer });
  }

  const issuer: QuirkyIssuer = {
    identifier,
    caBundle: authority.certificate,
    requests,
    quirk: (path, quirk) => void quirks.set(path, quirk),
    mend: () => quirks.clear(),
    bytesSent: () => [...sockets].reduce((sum, socket) => sum + socket.bytesWritten, 0),
    sign: (claims) =>
      new jose.SignJWT({ iss: identifier, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: signer.kid, typ: 'at+jwt' })
        .sign(signer.privateKey),
    async rotateKey() {
      signer = await newSigner();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };

  const wellBehaved: Quirk = async (exchange) => {
    const { path, method } = exchange;
    if (path === discoveryPath) return json(exchange, 200, metadataOf(identifier));
    if (path === jwksPath)
      return json(exchange, 200, { keys: [{ ...signer.publicJwk, kid: signer.kid, alg: 'ES256' }] });
    if (path === tokenPath) return json(exchange, 200, await tokenAnswer(exchange));
    if (path === revocationPath) return void exchange.response.writeHead(200).end();
    if (path === registrationPath && method === 'POST')
      return json(exchange, 201, registrationAnswer(exchange, 'rat-1'));
    if (path.startsWith(`${registrationPath}/`) && method === 'PUT')
      return json(exchange, 200, registrationAnswer(exchange, 'rat-2'));
    if (path.startsWith(`${registrationPath}/`) && method === 'DELETE')
      return void exchange.response.writeHead(204).end();
    return webPage(404)(exchange);
  };
  return issuer;
}

interface Signer {
  readonly kid: string;
  readonly privateKey: jose.CryptoKey;
  readonly publicJwk: jose.JWK;
}

async function newSigner(): Promise<Signer> {
  const { privateKey, publicKey } = await jose.generateKeyPair('ES256');
  return { kid: systemRng.uuid(), privateKey, publicJwk: await jose.exportJWK(publicKey) };
}

export const metadataOf = (identifier: string): Record<string, unknown> => ({
  issuer: identifier,
  token_endpoint: identifier + tokenPath,
  jwks_uri: identifier + jwksPath,
  registration_endpoint: identifier + registrationPath,
  revocation_endpoint: identifier + revocationPath,
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
});

/** What a good token endpoint answers to this request. */
export async function tokenAnswer({ body, issuer }: Exchange): Promise<Record<string, unknown>> {
  const form = new URLSearchParams(body);
  const now = Math.floor(systemClock.now() / 1000);
  const access_token = await issuer.sign({ aud: form.get('resource') ?? '', iat: now, exp: now + 300 });
  return { access_token, token_type: 'Bearer', expires_in: 300, scope: form.get('scope') ?? '' };
}

/** What a good registration endpoint answers: everything that was sent, and credentials. */
export function registrationAnswer({ body, issuer }: Exchange, token: string): Record<string, unknown> {
  return {
    client_id: 'client-1',
    ...(JSON.parse(body) as Record<string, unknown>),
    client_secret: 'correct-horse-battery-staple-1',
    client_secret_expires_at: 0,
    registration_client_uri: `${issuer.identifier}${registrationPath}/client-1`,
    registration_access_token: token,
  };
}

export function json({ response }: Exchange, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Answers with this status and JSON. */
export const answer =
  (status: number, body: unknown, headers: Record<string, string> = {}): Quirk =>
  ({ response }) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body));

/** Answers as the token endpoint should, but for these members; undefined takes one out. */
export const tokenWith =
  (members: Record<string, unknown>): Quirk =>
  async (exchange) =>
    json(exchange, 200, { ...(await tokenAnswer(exchange)), ...members });

export const webPage =
  (status: number): Quirk =>
  ({ response }) =>
    void response.writeHead(status, { 'content-type': 'text/html' }).end('<html><body>Sorry!</body></html>');

export const hangBeforeHeaders: Quirk = () => {};

export const hangInBody: Quirk = ({ response }) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{');
};

/** A byte every 50 ms: never idle for long, never done. */
export const dripBody: Quirk = ({ response }) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const drip = (): void => {
    if (response.destroyed) return;
    response.write(' ');
    systemClock.after(50 as Parameters<typeof systemClock.after>[0], drip);
  };
  drip();
};

export const reset: Quirk = ({ response }) => void response.socket?.destroy();

export const cutInBody: Quirk = ({ response }) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
  response.write('{"access_token":', () => response.socket?.destroy());
};

export const redirect =
  (location: string): Quirk =>
  ({ response }) =>
    void response.writeHead(307, { location }).end();

/** Sends `bytes` bytes of JSON for as long as someone reads them. */
export const endless =
  (bytes: number): Quirk =>
  ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const chunk = Buffer.alloc(16 * 1024, ' ');
    let left = bytes;
    const send = (): void => {
      while (left > 0 && !response.destroyed) {
        left -= chunk.length;
        if (!response.write(chunk)) return void response.once('drain', send);
      }
      response.end();
    };
    send();
  };

/** A small body that says it is gzip and unpacks to much. */
export const compressed =
  (body: Buffer): Quirk =>
  ({ response }) =>
    void response
      .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      .end(body);
