import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import type { TrustedCluster } from '../../src/embedded-issuer/cluster-keys.ts';
import { systemClock } from '../../src/std/clock.ts';
import type { CertificateFiles } from '../cluster/certificates.ts';

/** An API server as far as an issuer sees it: discovery and keys over TLS, and ServiceAccount tokens. */
export interface FakeCluster {
  readonly trust: Required<Pick<TrustedCluster, 'issuer'>> & TrustedCluster;
  /** How often the keys were fetched. */
  readonly fetches: () => number;
  /** Changes what the server answers. */
  readonly answer: (change: Partial<Answers>) => void;
  /** A token as TokenRequest makes them, with these claims and this header on top. */
  readonly token: (
    claims: { readonly [claim: string]: unknown },
    how?: 'forged' | 'unsecured' | 'PS256',
  ) => Promise<string>;
  readonly close: () => Promise<void>;
}

interface Answers {
  status: number;
  issuer: string;
  /** What the caller must send as bearer token, if anything. */
  bearer: string | undefined;
  padding: number;
}

/** Without a name it calls itself by the address where it listens, for issuers that look for a cluster where its tokens say that it is. */
export async function startFakeCluster(
  name: string | undefined,
  certificate: CertificateFiles,
): Promise<FakeCluster> {
  const answers: Answers = { status: 200, issuer: name ?? '', bearer: undefined, padding: 0 };
  let fetches = 0;
  const keys = await generateKeyPair('RS256', { extractable: true });
  const signingKey = async (alg: string) => importJWK(await exportJWK(keys.privateKey), alg);
  const forged = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'cluster-key', use: 'sig' };
  const server = createServer(
    { cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) },
    (request, response) => {
      if (answers.bearer !== undefined && request.headers.authorization !== `Bearer ${answers.bearer}`) {
        return void response.writeHead(403).end();
      }
      response.writeHead(answers.status, { 'content-type': 'application/json' });
      if (request.url === '/openid/v1/jwks') {
        fetches += 1;
        return void response.end(JSON.stringify({ keys: [jwk], padding: 'x'.repeat(answers.padding) }));
      }
      // As an API server does that was told nothing else, it names itself by an address that only it can use.
      const address = name === undefined ? issuer : 'https://192.0.2.1:6443';
      return void response.end(
        JSON.stringify({ issuer: answers.issuer, jwks_uri: `${address}/openid/v1/jwks` }),
      );
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const issuer = name ?? `https://127.0.0.1:${port}`;
  answers.issuer = issuer;
  return {
    trust: {
      issuer,
      discovery: new URL(`https://127.0.0.1:${port}/.well-known/openid-configuration`),
      ca: readFileSync(certificate.caFile, 'utf8'),
    },
    fetches: () => fetches,
    answer: (change) => void Object.assign(answers, change),
    token: async (claims, how) => {
      const now = Math.floor(systemClock.now() / 1000);
      const payload = {
        iss: issuer,
        iat: now,
        nbf: now,
        exp: now + 600,
        jti: crypto.randomUUID(),
        ...claims,
      };
      if (how === 'unsecured') return new UnsecuredJWT(payload).encode();
      // An RSA key can sign with either algorithm, if the verifier lets it.
      const alg = how === 'PS256' ? how : 'RS256';
      const jwt = new SignJWT(payload).setProtectedHeader({ alg, kid: 'cluster-key' });
      return jwt.sign(how === 'forged' ? forged.privateKey : await signingKey(alg));
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
