import * as jose from 'jose';
import type { Workload } from '../../src/domain/desired-client.ts';
import type { ClusterKey } from '../../src/domain/held-keys.ts';
import { ok } from '../../src/std/result.ts';
import { Secret } from '../../src/std/secret.ts';

/** A cluster as an issuer sees it that is given its keys: they can be rotated. */
export interface SigningCluster {
  readonly id: string;
  readonly issuer: string;
  /** `kid` of the key that it begins with. */
  readonly firstKeyID: string;
  /** Its JWKS. */
  keys(): Promise<{ readonly ok: true; readonly value: readonly ClusterKey[] }>;
  /** Adds a key, which signs from now on; answers its `kid`. */
  rotate(): Promise<string>;
  /** Names a key no more. */
  forget(keyID: string): void;
  /** A token as TokenRequest makes them: ten minutes, an id of its own. */
  token(workload: Workload, audience: string, keyID?: string): Promise<Secret>;
}

export async function aSigningCluster(id = 'cluster-1'): Promise<SigningCluster> {
  const issuer = `https://kubernetes.${id}.example`;
  const known = new Map<string, { readonly publicKey: ClusterKey; readonly privateKey: jose.CryptoKey }>();
  const unnamed = new Set<string>();
  let newest = '';
  const cluster: SigningCluster = {
    id,
    issuer,
    firstKeyID: `${id}-key-1`,
    keys: async () =>
      ok([...known].filter(([keyID]) => !unnamed.has(keyID)).map(([, { publicKey }]) => publicKey)),
    async rotate() {
      const pair = await jose.generateKeyPair('RS256', { extractable: true });
      newest = `${id}-key-${known.size + 1}`;
      const jwk = await jose.exportJWK(pair.publicKey);
      const publicKey = { ...jwk, kid: newest, alg: 'RS256', use: 'sig' } as ClusterKey;
      known.set(newest, { publicKey, privateKey: pair.privateKey });
      return newest;
    },
    forget: (keyID) => void unnamed.add(keyID),
    async token({ subject, uid }, audience, keyID = newest) {
      const signer = known.get(keyID);
      if (signer === undefined) throw new Error(`there is no key ${keyID}`);
      const jwt = new jose.SignJWT({ 'kubernetes.io': { serviceaccount: { uid } } })
        .setProtectedHeader({ alg: 'RS256', kid: keyID })
        .setIssuer(issuer)
        .setSubject(subject)
        .setAudience(audience)
        .setIssuedAt()
        .setNotBefore('0s')
        .setExpirationTime('10m')
        .setJti(crypto.randomUUID());
      return new Secret(await jwt.sign(signer.privateKey));
    },
  };
  await cluster.rotate();
  return cluster;
}
