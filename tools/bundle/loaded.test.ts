import { beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, bundleProgram } from './bundle-program.ts';
import { loadedBy, subcommands } from './loaded.ts';

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundleProgram();
});

const packagesOf = (name: keyof typeof subcommands): readonly string[] =>
  loadedBy(bundle.metafile, ['src/cmd/grantor.ts', subcommands[name]]).packages;

describe('what a subcommand loads', () => {
  it('is for a controller neither an authorization server nor a gRPC server', () => {
    expect(packagesOf('controller')).toMatchInlineSnapshot(`
      [
        "@opentelemetry/api",
        "@pinojs/redact",
        "@prometheus-io/client",
        "atomic-sleep",
        "bintrees",
        "commander",
        "jose",
        "oauth4webapi",
        "on-exit-leak-free",
        "pino",
        "pino-std-serializers",
        "quick-format-unescaped",
        "safe-stable-stringify",
        "sonic-boom",
        "tdigest",
        "thread-stream",
        "undici",
        "zod",
      ]
    `);
  });

  it('is for a node neither an authorization server nor the client library of Kubernetes', () => {
    expect(packagesOf('node')).toMatchInlineSnapshot(`
      [
        "@grpc/grpc-js",
        "@js-sdsl/ordered-map",
        "@opentelemetry/api",
        "@pinojs/redact",
        "@prometheus-io/client",
        "atomic-sleep",
        "bintrees",
        "commander",
        "jose",
        "oauth4webapi",
        "on-exit-leak-free",
        "pino",
        "pino-std-serializers",
        "quick-format-unescaped",
        "safe-stable-stringify",
        "sonic-boom",
        "tdigest",
        "thread-stream",
        "undici",
        "zod",
      ]
    `);
  });

  it('is for an issuer neither a gRPC server nor what metrics and the API server take', () => {
    const packages = packagesOf('issuer');
    expect(packages).toEqual(expect.arrayContaining(['oidc-provider', 'jose', 'koa', 'undici']));
    for (const absent of ['@grpc/grpc-js', '@kubernetes/client-node', '@prometheus-io/client', 'zod'])
      expect(packages).not.toContain(absent);
  });

  it('is for --help little more than the reader of flags', () => {
    const { packages, bytes } = loadedBy(bundle.metafile, ['src/cmd/grantor.ts']);
    expect(packages).toContain('commander');
    for (const absent of ['undici', 'zod', 'jose']) expect(packages).not.toContain(absent);
    expect(bytes).toBeLessThan(200_000);
  });

  it('is nothing of the client library but the reader of kubeconfigs, and that when one is read', () => {
    const { packages, bytes } = loadedBy(bundle.metafile, ['tools/bundle/client-node.js']);
    expect(packages).toContain('@kubernetes/client-node');
    expect(bytes).toBeLessThan(1_000_000);
  });
});

/** `@opentelemetry/api` is what the library of metrics imports. */
const isTracing = (name: string): boolean =>
  name.startsWith('@opentelemetry/') && name !== '@opentelemetry/api';

describe('what traces', () => {
  it('is in no subcommand as it starts', () => {
    for (const name of Object.keys(subcommands) as (keyof typeof subcommands)[])
      expect(packagesOf(name).filter(isTracing)).toEqual([]);
  });

  it('is loaded in one piece where the environment asks for it', () => {
    const parts = ['src/cmd/grantor.ts', subcommands.controller];
    const without = loadedBy(bundle.metafile, parts);
    const { packages, bytes, files } = loadedBy(bundle.metafile, [
      ...parts,
      'src/telemetry/open-telemetry.ts',
    ]);
    expect(files).toHaveLength(without.files.length + 1);
    expect(bytes - without.bytes).toBeLessThan(120_000);
    expect(packages.filter(isTracing)).toMatchInlineSnapshot(`
      [
        "@opentelemetry/core",
        "@opentelemetry/exporter-trace-otlp-proto",
        "@opentelemetry/otlp-exporter-base",
        "@opentelemetry/otlp-transformer",
        "@opentelemetry/resources",
        "@opentelemetry/sdk-trace",
        "@opentelemetry/semantic-conventions",
      ]
    `);
  });
});

it('is the whole bundle: no file of it is loaded by nobody', () => {
  const all = [
    ...Object.values(subcommands),
    ...['src/cmd/grantor.ts', 'tools/bundle/client-node.js', 'src/telemetry/open-telemetry.ts'],
  ];
  const scripts = Object.keys(bundle.metafile.outputs).filter((file) => file.endsWith('.js'));
  expect(loadedBy(bundle.metafile, all).files).toEqual(scripts.sort());
});
