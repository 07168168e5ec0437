// An authorization server that does nothing but answer: tokens for whoever asks, signed, after a fixed time. For measurements, in which
// the issuer must not be what is measured, and for runs that no real issuer would bear. It checks nothing.
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    cert: { type: 'string', default: '' },
    key: { type: 'string', default: '' },
    /** Of each token, in seconds. */
    lifetime: { type: 'string', default: '86400' },
    /** How long a token request takes, in milliseconds. */
    answer: { type: 'string', default: '5' },
  },
});
const lifetime = Number(values.lifetime);

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'stub', alg: 'ES256', use: 'sig' };
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const header = encode({ alg: 'ES256', kid: 'stub', typ: 'at+jwt' });

const server = createServer({ cert: readFileSync(values.cert), key: readFileSync(values.key) });
server.keepAliveTimeout = 60_000;
server.on('request', (request, response) => {
  const send = (body: object): void => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  if (request.url === '/jwks') send({ keys: [jwk] });
  else if (request.url === '/token') {
    void textOf(request).then((form) =>
      setTimeout(() => send(grant(new URLSearchParams(form))), Number(values.answer)),
    );
  } else if (request.url?.startsWith('/.well-known/')) send(metadata());
  else response.writeHead(404).end();
});

const issuer = (): string => `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** RFC 8414. */
const metadata = () => ({
  issuer: issuer(),
  token_endpoint: `${issuer()}/token`,
  jwks_uri: `${issuer()}/jwks`,
  response_types_supported: [],
  grant_types_supported: ['client_credentials'],
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: ['ES256', 'RS256'],
});

/** What was asked for, for the tenant that the workload's namespace is named after. */
function grant(form: URLSearchParams): object {
  const now = Math.floor(Date.now() / 1000);
  const scope = form.get('scope') ?? '';
  const payload = encode({
    iss: issuer(),
    sub: form.get('client_id'),
    client_id: form.get('client_id'),
    aud: form.get('resource'),
    scope,
    tenant_id: namespaceOf(form.get('client_assertion') ?? ''),
    iat: now,
    exp: now + lifetime,
    jti: randomUUID(),
  });
  const signed = `${header}.${payload}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const token = `${signed}.${signature.toString('base64url')}`;
  return { access_token: token, token_type: 'Bearer', expires_in: lifetime, scope };
}

function namespaceOf(assertion: string): string {
  const payload = Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString();
  const { sub = '' } = JSON.parse(payload || '{}') as { readonly sub?: string };
  return sub.split(':')[2] ?? '';
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

server.listen(0, '127.0.0.1', () => console.log(`stub issuer ready at ${issuer()}`));
