import { createHash } from 'node:crypto';
import {
  cpSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { sha256 } from '../../src/std/digest.ts';
import { milliseconds } from '../../src/std/duration.ts';
import { err, ok } from '../../src/std/result.ts';
import { type Report, withProgress } from '../provision/progress.ts';
import { provide, type Source } from '../provision/provide.ts';
import { runProgram } from '../provision/run-program.ts';
import { findJava, type Java } from './java.ts';
import { adminClient } from './keycloak-admin.ts';
import { type Distribution, keycloakServer, makeHome } from './keycloak-server.ts';
import { createRealm } from './realm.ts';
import type { Keycloak } from './start-keycloak.ts';
import { startListening } from './start-listening.ts';

const pom = join(import.meta.dirname, 'binaries/keycloak/pom.xml');
export const keycloakVersion = pinned('keycloak.version');

/** Fixed when it is built: what tests need, and nothing that only costs them time. */
const buildOptions = [
  '--db=dev-file',
  '--features=client-secret-rotation',
  '--https-client-auth=request',
  '--features-disabled=admin,account,ciba,kerberos,organization,par,web-authn,passkeys,docker,impersonation',
];

/** Keycloak from Maven, unpacked and built, with a database whose schema is there and an archive of classes: it then starts in 5 s. */
export async function ensureKeycloak(
  report: Report,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Distribution> {
  const java = await findJava(env);
  if (java === undefined) throw new Error(`no Keycloak (Java 17 or newer is not installed): ${remedy}`);
  const provision = {
    name: 'Keycloak',
    sources: [fromMaven(java)],
    isWhole: (directory: string) => existsSync(join(directory, whole)),
    remedy,
  };
  return distributionIn(await provide(provision, report, env), java);
}

const remedy = 'install Java 17 or newer and Maven';

const distributionIn = (folder: string, java: Java): Distribution => ({
  java,
  directory: join(folder, `keycloak-${keycloakVersion}`),
  classArchive: join(folder, 'classes.jsa'),
  data: join(folder, 'data'),
});

/** Its presence says that all the rest is there. */
const whole = 'whole';

const fromMaven = (java: Java): Source => ({
  // The archive of classes is good for one Java only.
  folder: `keycloak-${keycloakVersion}-${sha256(buildOptions.join(' ')).slice(0, 8)}-java-${java.version}`,
  async provide(folder, report) {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    const distribution = distributionIn(folder, java);
    const failure =
      (await fetch(folder, report)) ??
      (await build(distribution, report)) ??
      (await startOnce(distribution, join(folder, 'first-home'), report));
    if (failure !== undefined) return err(failure);
    writeFileSync(join(folder, whole), '');
    return ok(undefined);
  },
});

/** The checksum is pinned here, because one that is fetched from where the archive is fetched protects from nothing but a broken line. */
async function fetch(folder: string, report: Report): Promise<string | undefined> {
  report(`fetching Keycloak ${keycloakVersion} (177 MB) with Maven`);
  const goals = ['dependency:copy-dependencies', 'dependency:unpack-dependencies'];
  const to = [`-DoutputDirectory=${folder}`, `-DmarkersDirectory=${join(folder, 'markers')}`];
  const failure = await runProgram(['mvn', '-B', '-ntp', '-f', pom, ...goals, ...to], {
    tick: (_, elapsed) => report(`fetching Keycloak since ${elapsed}`),
  });
  if (failure?.includes('ENOENT')) return 'Maven is not installed';
  if (failure !== undefined) return `Maven could not fetch Keycloak: ${failure}`;
  const archive = join(folder, `keycloak-quarkus-dist-${keycloakVersion}.zip`);
  const digest = createHash('sha512');
  await pipeline(createReadStream(archive), digest);
  if (digest.digest('hex') !== pinned('keycloak.sha512'))
    return 'the distribution of Keycloak has another checksum than the pinned one';
  rmSync(archive);
  return undefined;
}

async function build({ java, directory }: Distribution, report: Report): Promise<string | undefined> {
  report('building Keycloak: about 25 s, once');
  const failure = await runProgram(['sh', join(directory, 'bin/kc.sh'), 'build', ...buildOptions], {
    env: { ...process.env, JAVA: java.program },
    tick: (_, elapsed) => report(`building Keycloak since ${elapsed}`),
  });
  return failure === undefined ? undefined : `the build of Keycloak failed: ${failure}`;
}

/** Starts it as tests will, on an empty database, and keeps what it made of that and which classes it loaded. */
async function startOnce(
  distribution: Distribution,
  home: string,
  report: Report,
): Promise<string | undefined> {
  report('starting Keycloak for the first time: about 30 s, once');
  makeHome(distribution, home);
  const classes = `-XX:ArchiveClassesAtExit=${distribution.classArchive}`;
  const env = {
    KC_BOOTSTRAP_ADMIN_CLIENT_ID: adminClient.id,
    KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: adminClient.secret,
  };
  try {
    const first = keycloakServer(distribution, { home, classes, env });
    const { urls, tls, server } = await startListening(first, { dir: home, report });
    await useOnce({ url: urls[0] ?? '', caFile: tls.caFile, tls });
    process.kill(server.record.pid, 'SIGTERM');
    await withProgress(
      (elapsed) => report(`Keycloak writes its archive of classes since ${elapsed}`),
      async () => {
        while (!server.hasExited()) await sleep(systemClock, milliseconds(50));
      },
    );
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  cpSync(join(home, 'data/h2/keycloakdb.mv.db'), join(distribution.data, 'h2/keycloakdb.mv.db'));
  rmSync(home, { recursive: true });
  return undefined;
}

/** Does what a test does first, so that the classes of that are in the archive as well. */
async function useOnce(keycloak: Keycloak): Promise<void> {
  const realm = await createRealm(keycloak, { cluster: 'https://kubernetes.default.svc' });
  await realm.remove();
}

/** A property of the pom: the one place where it is written. */
function pinned(property: string): string {
  const value = readFileSync(pom, 'utf8').split(`<${property}>`)[1]?.split('<')[0];
  if (value === undefined) throw new Error(`${pom} has no property ${property}`);
  return value;
}
