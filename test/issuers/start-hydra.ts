import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type CertificateFiles, writePrivately } from '../cluster/certificates.ts';
import { type ServerProcess, stopServer } from '../cluster/server-process.ts';
import { httpsClient } from './https-client.ts';
import { ensureHydra } from './hydra-program.ts';
import { type Server, type StartOptions, startListening } from './start-listening.ts';

/** A running Ory Hydra with an empty database in memory. */
export interface Hydra {
  /** Its issuer identifier, and where clients find it. */
  readonly url: string;
  /** The admin API, which asks nobody who he is. */
  readonly adminUrl: string;
  readonly caFile: string;
  readonly tls: CertificateFiles;
}

export interface HydraStart extends StartOptions {
  /** What is laid over the configuration, section by section. */
  readonly config?: Readonly<Record<string, object>>;
}

/** Starts one and returns once it answers, in half a second. It signs JWT access tokens with ES256. */
export async function startHydra(
  options: HydraStart,
): Promise<Hydra & { readonly server: ServerProcess; readonly stop: () => Promise<void> }> {
  const program = await ensureHydra(options.report);
  const { urls, tls, server } = await startListening(hydraServer(program, options), options);
  const [url = '', adminUrl = ''] = urls;
  const admin = httpsClient(adminUrl, tls.caFile);
  try {
    // The newest key of a name signs. Left alone, Hydra makes one of RSA with 4096 bits, for seconds in which it answers nothing, and needs four
    // times as long with each token.
    for (const name of ['hydra.jwt.access-token', 'hydra.openid.id-token']) {
      const json = { alg: 'ES256', use: 'sig', kid: name.replaceAll('.', '-') };
      await admin.expect('POST', `/admin/keys/${name}`, { json });
    }
  } finally {
    await admin.close();
  }
  return { url, adminUrl, caFile: tls.caFile, tls, server, stop: () => stopServer(server.record) };
}

const hydraServer = (program: string, { dir, config = {} }: HydraStart): Server => ({
  name: 'hydra',
  ports: 2,
  readyPath: '/health/ready',
  command([publicPort = 0, adminPort = 0], tls) {
    const file = join(dir, 'hydra.yaml');
    mkdirSync(dir, { recursive: true });
    writePrivately(file, stringify({ ...configuration(publicPort, adminPort, tls), ...config }));
    return [program, 'serve', 'all', '--config', file, '--sqa-opt-out'];
  },
});

function configuration(publicPort: number, adminPort: number, { certFile, keyFile }: CertificateFiles) {
  const tls = { enabled: true, cert: { path: certFile }, key: { path: keyFile } };
  const url = `https://127.0.0.1:${publicPort}`;
  return {
    dsn: 'memory',
    serve: {
      public: { host: '127.0.0.1', port: publicPort, tls },
      admin: { host: '127.0.0.1', port: adminPort, tls },
    },
    urls: { self: { issuer: url, public: url } },
    strategies: { access_token: 'jwt', jwt: { scope_claim: 'both' } },
    ttl: { access_token: '1h' },
    oauth2: { grant: { jwt: { jti_optional: false, iat_optional: false, max_ttl: '24h' } } },
    secrets: { system: ['of-a-throw-away-hydra'] },
    log: { level: 'warn' },
  };
}
