import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CertificateRequest,
  createAuthority,
  type IssuedCertificate,
  issueCertificate,
  writePrivately,
} from './certificates.ts';

/** Every file that the API server needs to serve, to know its users, and to sign ServiceAccount tokens. */
export interface Pki {
  readonly caFile: string;
  readonly caKeyFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** Who the API server is to a kubelet. */
  readonly kubeletClientCertFile: string;
  readonly kubeletClientKeyFile: string;
  readonly serviceAccountKeyFile: string;
  readonly serviceAccountPublicKeyFile: string;
}

/** The API server's user name at kubelets, which ask it back what that one may do. */
export const kubeletClientUser = 'kube-apiserver-kubelet-client';

/** Where the files are below `directory`. */
export function pkiIn(directory: string): Pki {
  const file = (name: string): string => join(directory, 'pki', name);
  return {
    caFile: file('ca.crt'),
    caKeyFile: file('ca.key'),
    certFile: file('apiserver.crt'),
    keyFile: file('apiserver.key'),
    kubeletClientCertFile: file('kubelet-client.crt'),
    kubeletClientKeyFile: file('kubelet-client.key'),
    serviceAccountKeyFile: file('sa.key'),
    serviceAccountPublicKeyFile: file('sa.pub'),
  };
}

/** Makes a throw-away CA, the API server's certificate and the ServiceAccount key pair below `directory`. */
export async function createPki(directory: string, serverHosts: readonly string[]): Promise<Pki> {
  const pki = pkiIn(directory);
  mkdirSync(join(directory, 'pki'), { recursive: true, mode: 0o700 });
  const authority = await createAuthority('Grantor test cluster CA');
  const serving = await issueCertificate(authority, { commonName: 'kube-apiserver', hosts: serverHosts });
  const kubeletClient = await issueCertificate(authority, { commonName: kubeletClientUser });
  // RSA as in most clusters: the cluster's JWKS says RS256, and that is what an issuer must be able to verify.
  const serviceAccount = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  writePrivately(pki.caFile, authority.certificate);
  writePrivately(pki.caKeyFile, authority.privateKey);
  writePrivately(pki.certFile, serving.certificate);
  writePrivately(pki.keyFile, serving.privateKey);
  writePrivately(pki.kubeletClientCertFile, kubeletClient.certificate);
  writePrivately(pki.kubeletClientKeyFile, kubeletClient.privateKey);
  writePrivately(pki.serviceAccountKeyFile, serviceAccount.privateKey);
  writePrivately(pki.serviceAccountPublicKeyFile, serviceAccount.publicKey);
  return pki;
}

/** A certificate of the CA below `directory`, which may belong to a cluster that another process started. */
export async function issueFrom(
  directory: string,
  request: Omit<CertificateRequest, 'notAfter'>,
): Promise<IssuedCertificate> {
  const { caFile, caKeyFile } = pkiIn(directory);
  const authority = {
    certificate: readFileSync(caFile, 'utf8'),
    privateKey: readFileSync(caKeyFile, 'utf8'),
  };
  return issueCertificate(authority, request);
}
