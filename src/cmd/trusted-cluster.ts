import { X509Certificate } from 'node:crypto';
import type { TrustedCluster } from '../embedded-issuer/cluster-keys.ts';
import { err, ok, type Result } from '../std/result.ts';
import { isStringOrURI } from '../std/string-or-uri.ts';
import { readText } from './read-text.ts';

/** Reads one value of `--trust-cluster`, the CA's file included. */
export function parseTrustedCluster(value: string): Result<TrustedCluster, string> {
  const members = new Map<string, string>();
  for (const part of value.split(',')) {
    const [name = '', ...rest] = part.split('=');
    if (!['issuer', 'discovery', 'ca', 'token-file'].includes(name)) return err(`"${name}" is not known.`);
    if (members.has(name)) return err(`${name} is there twice.`);
    members.set(name, rest.join('='));
  }
  const [issuer, discovery, caFile] = [members.get('issuer'), members.get('discovery'), members.get('ca')];
  if (!discovery || !caFile) return err('discovery and ca are needed.');
  if (issuer !== undefined && !isStringOrURI(issuer))
    return err('issuer must be the `iss` of the tokens, without spaces.');
  const url = URL.parse(discovery);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.hash !== '') {
    return err('discovery must be an https URL.');
  }
  if (url.pathname === '/') url.pathname = '/.well-known/openid-configuration';
  const ca = readText(caFile);
  if (!ca.ok) return ca;
  if (!isCertificate(ca.value)) return err(`${caFile} holds no PEM certificate.`);
  const tokenFile = members.get('token-file');
  const cluster = { ...(issuer === undefined ? {} : { issuer }), discovery: url, ca: ca.value };
  if (tokenFile === undefined) return ok(cluster);
  const token = readText(tokenFile);
  if (!token.ok) return token;
  if (!/^[!-~]+$/.test(token.value.trim())) return err(`${tokenFile} holds no bearer token.`);
  return ok({ ...cluster, tokenFile });
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}
