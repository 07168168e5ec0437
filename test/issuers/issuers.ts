#!/usr/bin/env node
// `make issuers`, and servers to try things on. See test/README.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/std/clock.ts';
import { issueLoopbackCertificate } from '../cluster/certificates.ts';
import { startFakeCluster } from '../embedded-issuer/fake-cluster.ts';
import { ensureHydra } from './hydra-program.ts';
import { adminClient } from './keycloak-admin.ts';
import { ensureKeycloak } from './keycloak-distribution.ts';
import { createRealm } from './realm.ts';
import { startHydra } from './start-hydra.ts';
import { startKeycloak } from './start-keycloak.ts';

const usage = `usage: node test/issuers/issuers.ts <provide|keycloak|hydra>

  provide    fetches and builds Keycloak and Hydra, once: needs Java 17 or newer, Maven, Go 1.26 or newer and a C compiler
  keycloak   starts a Keycloak with a realm for Grantor and a cluster whose ServiceAccount tokens it accepts, until Ctrl-C
  hydra      starts a Hydra, until Ctrl-C

The programs are kept in GRANTOR_CACHE (default: ~/.cache/grantor).`;

const report = (line: string): void => console.log(line);
const seconds = (since: number): string => `${((systemClock.now() - since) / 1000).toFixed(0)} s`;

async function provideBoth(): Promise<void> {
  const failures: string[] = [];
  for (const [name, ensure] of Object.entries({ Keycloak: ensureKeycloak, Hydra: ensureHydra })) {
    const start = systemClock.now();
    try {
      await ensure(report);
      report(`${name} is there after ${seconds(start)}`);
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

async function tryKeycloak(dir: string): Promise<void> {
  const tls = await issueLoopbackCertificate(join(dir, 'tls'));
  const cluster = await startFakeCluster(undefined, tls);
  const keycloak = await startKeycloak({ dir: join(dir, 'keycloak'), report, tls });
  const realm = await createRealm(keycloak, { cluster: cluster.trust.issuer });
  const token = await cluster.token({ sub: realm.federated.subject, aud: realm.issuer, exp: inAnHour() });
  console.log(`
  issuer        ${realm.issuer}
  CA            ${keycloak.caFile}
  Grantor       ${realm.federated.clientID}: token of ${realm.federated.subject}, or
                ${realm.bySecret.clientID}: secret ${realm.bySecret.clientSecret}
  may do all    ${adminClient.id} of the realm master: secret ${adminClient.secret}
  cluster       ${cluster.trust.issuer}; an hour's token of Grantor's ServiceAccount:
                ${token}
  log           ${keycloak.server.logFile}
  try it        curl --cacert ${keycloak.caFile} -d grant_type=client_credentials \\
                  -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \\
                  -d client_assertion=<token> ${realm.issuer}/protocol/openid-connect/token`);
  await untilInterrupted();
  await keycloak.stop();
  await cluster.close();
}

async function tryHydra(dir: string): Promise<void> {
  const hydra = await startHydra({ dir, report });
  console.log(`
  issuer        ${hydra.url}
  admin API     ${hydra.adminUrl} (asks nobody who he is)
  CA            ${hydra.caFile}
  log           ${hydra.server.logFile}
  try it        curl --cacert ${hydra.caFile} ${hydra.adminUrl}/admin/clients`);
  await untilInterrupted();
  await hydra.stop();
}

/** Something has to keep the process alive: servers and signals don't. */
function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    const alive = setInterval(() => {}, 60_000);
    process.once('SIGINT', () => {
      clearInterval(alive);
      resolve();
    });
  });
}

async function withDirectory(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'grantor-issuer-'));
  await work(dir).finally(() => rmSync(dir, { recursive: true }));
}

const inAnHour = (): number => Math.floor(systemClock.now() / 1000) + 3600;
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const commands: Readonly<Record<string, () => Promise<void>>> = {
  provide: provideBoth,
  keycloak: () => withDirectory(tryKeycloak),
  hydra: () => withDirectory(tryHydra),
  '--help': async () => console.log(usage),
};

try {
  const command = commands[process.argv[2] ?? ''];
  if (command === undefined) throw new Error(usage);
  await command();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
