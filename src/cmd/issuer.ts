import { Command, InvalidArgumentError } from 'commander';
import type { TrustedCluster } from '../embedded-issuer/cluster-keys.ts';
import { canonicalHost } from '../embedded-issuer/listen-host.ts';
import type { EmbeddedIssuerOptions } from '../embedded-issuer/start-embedded-issuer.ts';
import { systemClock } from '../std/clock.ts';
import { exitCodeOf, OperatorError } from '../std/operator-error.ts';
import { err, ok, type Result } from '../std/result.ts';
import { systemRng } from '../std/rng.ts';
import { Secret } from '../std/secret.ts';
import { createLog } from '../telemetry/log.ts';
import { startTracing } from '../telemetry/tracing.ts';
import { readText } from './read-text.ts';
import { parseTrustedCluster } from './trusted-cluster.ts';
import { version } from './version.ts';

interface Flags {
  readonly issuer?: string;
  readonly host: string;
  readonly port: number;
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly state: string;
  readonly initialAccessTokenFile: Secret;
  readonly trustCluster?: readonly TrustedCluster[];
}

/** Exit code for what the caller has to change: a malformed flag, a file that cannot be used. */
const usageError = 2;

/**
 * `grantor issuer`. Runs until SIGTERM or SIGINT. What is wrong with the flags ends it with one line on standard error and
 * exit code 2; what is wrong with the machine, such as a port that is taken, with exit code 1.
 */
export function issuerCommand(): Command {
  return (
    new Command('issuer')
      .description(
        'Run the embedded authorization server: for trying out, for tests and for small clusters. OTEL_EXPORTER_OTLP_ENDPOINT names a collector of traces.',
      )
      .option('--issuer <url>', 'issuer identifier, https://host[:port] (default: where it listens)')
      .option(
        '--host <address>',
        'address or name to listen on; all addresses (0.0.0.0, ::) need --issuer',
        orInvalid(parseHost),
        '127.0.0.1',
      )
      .option('--port <number>', 'port to listen on; 0 takes a free one', orInvalid(parsePort), 8443)
      .requiredOption(
        '--tls-cert <file>',
        'serving certificate with its chain, PEM; read again when it changes',
      )
      .requiredOption('--tls-key <file>', 'private key of the serving certificate, PEM')
      .requiredOption(
        '--state <file>',
        'file for registrations, keys and revocations; made if it is not there',
      )
      .requiredOption(
        '--initial-access-token-file <file>',
        'file with the token that allows to register clients (RFC 7591), at least 16 characters',
        orInvalid(readInitialAccessToken),
      )
      .option(
        '--trust-cluster <cluster>',
        'accept ServiceAccount tokens of a Kubernetes cluster as client assertions; repeatable. <cluster> has, with commas in ' +
          'between: discovery=URL, its discovery document, as reached from here; ca=FILE, the CA of that address; token-file=FILE, a bearer ' +
          'token for reading it, if it is not public; issuer=ISS, the `iss` of the tokens, compared and never connected to, which may be left ' +
          'out for a single cluster: it is what the document says',
        addCluster,
      )
      // What is wrong with a command line is told in one line.
      .showSuggestionAfterError(false)
      .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : usageError))
      .action(run)
  );
}

async function run(flags: Flags): Promise<void> {
  try {
    // Here, so that the controller, which is the same program, does not carry an authorization server in its memory.
    const { startEmbeddedIssuer } = await import('../embedded-issuer/start-embedded-issuer.ts');
    const log = createLog('info');
    const tracing = await startTracing({
      ...{ service: 'grantor-issuer', version, environment: process.env },
      ...{ clock: systemClock, rng: systemRng, log },
    });
    const issuer = await startEmbeddedIssuer({ ...optionsOf(flags), log, tracer: tracing.tracer });
    let stopping: Promise<void> | undefined;
    const stop = (): void => {
      stopping ??= issuer.stop().then(async () => {
        await tracing.stop();
        // A collector that hangs must not keep the process.
        process.exit(0);
      });
    };
    process.once('SIGTERM', stop).once('SIGINT', stop);
    console.log(`issuer ready at ${issuer.url}`);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    console.error(`error: ${error.message}`);
    process.exit(exitCodeOf(error));
  }
}

const optionsOf = (flags: Flags): Omit<EmbeddedIssuerOptions, 'log'> => ({
  ...(flags.issuer === undefined ? {} : { issuer: flags.issuer }),
  host: flags.host,
  port: flags.port,
  tls: { certFile: flags.tlsCert, keyFile: flags.tlsKey },
  stateFile: flags.state,
  initialAccessToken: flags.initialAccessTokenFile,
  trustedClusters: flags.trustCluster ?? [],
  clock: systemClock,
  rng: systemRng,
});

function addCluster(value: string, before: readonly TrustedCluster[] = []): TrustedCluster[] {
  const cluster = orInvalid(parseTrustedCluster)(value);
  const all = [...before, cluster];
  // Which of two clusters signs for an issuer must not depend on which of them answers first.
  if (all.length > 1 && all.some(({ issuer }) => issuer === undefined))
    throw new InvalidArgumentError('issuer is needed where several clusters are trusted.');
  if (before.some(({ issuer }) => issuer === cluster.issuer))
    throw new InvalidArgumentError(`${cluster.issuer} is there twice.`);
  return all;
}

const parseHost = (value: string): Result<string, string> =>
  canonicalHost(value) === undefined ? err('Write an address or a host name, without a port.') : ok(value);

function parsePort(value: string): Result<number, string> {
  return /^\d{1,5}$/.test(value) && Number(value) <= 65_535
    ? ok(Number(value))
    : err('A port is 0 to 65535.');
}

function readInitialAccessToken(file: string): Result<Secret, string> {
  const text = readText(file);
  if (!text.ok) return text;
  const token = text.value.trim();
  return /^[\x21-\x7e]{16,512}$/.test(token)
    ? ok(new Secret(token))
    : err(`${file} must hold 16 to 512 printable characters without spaces.`);
}

/** Makes a commander parser of one that says by its result what is wrong. */
function orInvalid<T>(parse: (value: string) => Result<T, string>): (value: string) => T {
  return (value) => {
    const parsed = parse(value);
    if (!parsed.ok) throw new InvalidArgumentError(parsed.error);
    return parsed.value;
  };
}
