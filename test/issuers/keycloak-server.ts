import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Java } from './java.ts';
import type { Server } from './start-listening.ts';

/** An unpacked and built Keycloak, shared by all that run from it. */
export interface Distribution {
  readonly java: Java;
  readonly directory: string;
  /** Of the classes that a start loads, which it then need not parse and verify. */
  readonly classArchive: string;
  /** What a server's data begins with: the schema, the realm `master`, and who may do everything. */
  readonly data: string;
}

export interface KeycloakOptions {
  /** Holds all that it writes; made by `makeHome`. */
  readonly home: string;
  /** The flag of the JVM that reads or writes the archive of classes. */
  readonly classes: string;
  /** Files with the CAs of API servers whose keys it fetches. */
  readonly trusts?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** What Keycloak takes for its folder: the distribution's programs, and data of its own, which begins as a copy of `data`. */
export function makeHome({ directory }: Pick<Distribution, 'directory'>, home: string, data?: string): void {
  mkdirSync(join(home, 'conf'), { recursive: true, mode: 0o700 });
  for (const name of ['lib', 'providers', 'themes']) symlinkSync(join(directory, name), join(home, name));
  if (data !== undefined) cpSync(data, join(home, 'data'), { recursive: true });
}

/**
 * How it is started. `kc.sh` would be a shell between us and the server, which leaves it behind when it is killed, and it chooses a garbage
 * collector for large machines. C1 alone starts in half the time and is fast enough for tests.
 */
export function keycloakServer(
  { java, directory }: Distribution,
  { home, classes, trusts = [], env = {} }: KeycloakOptions,
): Server {
  const opened = ['java.util', 'java.util.concurrent', 'java.security', 'java.lang'];
  return {
    name: 'keycloak',
    ports: 1,
    readyPath: '/realms/master',
    env,
    command: ([port = 0], tls) => [
      java.program,
      classes,
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-Xms64m',
      '-Xmx512m',
      '-XX:MaxMetaspaceSize=256m',
      '-Dfile.encoding=UTF-8',
      ...opened.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
      '--enable-native-access=ALL-UNNAMED',
      '-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
      '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
      '-Dpicocli.disable.closures=true',
      `-Dkc.home.dir=${home}`,
      `-Djboss.server.config.dir=${join(home, 'conf')}`,
      '-cp',
      join(directory, 'lib/quarkus-run.jar'),
      'io.quarkus.bootstrap.runner.QuarkusEntryPoint',
      'start',
      '--optimized',
      '--cache=local',
      '--http-enabled=false',
      '--http-host=127.0.0.1',
      `--https-port=${port}`,
      `--hostname=https://127.0.0.1:${port}`,
      `--https-certificate-file=${tls.certFile}`,
      `--https-certificate-key-file=${tls.keyFile}`,
      `--truststore-paths=${[tls.caFile, ...trusts].join(',')}`,
    ],
  };
}
