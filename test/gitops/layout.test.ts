import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { decode } from '../../src/api/decode.ts';
import { kinds } from '../../src/api/kinds.ts';
import { values } from '../../tools/chart/values.ts';
import { root } from '../stage/stage.ts';

const layout = join(root, 'examples/gitops');

interface Document {
  readonly file: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Readonly<Record<string, never>>;
  readonly resources?: readonly string[];
}

const documents: Document[] = readdirSync(layout, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .flatMap((file) =>
    parseAllDocuments(readFileSync(join(layout, file), 'utf8')).map((document) => {
      expect([file, document.errors]).toEqual([file, []]);
      return { file, ...(document.toJS() as Omit<Document, 'file'>) };
    }),
  );
const of = (kind: string, group: string) =>
  documents.filter((document) => document.kind === kind && document.apiVersion.startsWith(`${group}/`));

describe('the example of a repository', () => {
  test('has objects of Grantor that Grantor can read', () => {
    const ours = documents.filter(({ apiVersion }) => apiVersion.startsWith('grantor.dev/'));
    expect(new Set(ours.map(({ kind }) => kind))).toEqual(new Set(kinds.map(({ kind }) => kind)));
    for (const { file, ...document } of ours) {
      const kind = kinds.find((known) => known.kind === document.kind)!;
      const stored = {
        uid: 'u',
        generation: 1,
        resourceVersion: '1',
        creationTimestamp: '2026-01-01T00:00:00Z',
      };
      const namespace = kind.namespaced ? { namespace: 'acme-prod' } : {};
      const decoded = decode(kind, {
        ...document,
        metadata: { ...document.metadata, ...namespace, ...stored },
      });
      expect([file, decoded.ok ? undefined : decoded.error]).toEqual([file, undefined]);
    }
  });

  test('names in each kustomization all files beside it, and no others', () => {
    const all = of('Kustomization', 'kustomize.config.k8s.io');
    expect(all.length).toBeGreaterThan(1);
    for (const { file, resources } of all) {
      const beside = readdirSync(join(layout, dirname(file))).filter((name) => name !== 'kustomization.yaml');
      expect([file, resources?.toSorted()]).toEqual([file, beside.toSorted()]);
    }
  });

  test('gives both tools the same values of the chart, which the chart takes, and folders that are there', () => {
    const [release] = of('HelmRelease', 'helm.toolkit.fluxcd.io');
    const applications = of('Application', 'argoproj.io').map(({ spec }) => spec as never as Application);
    const byArgo = applications.find(({ source }) => source.helm !== undefined)!.source.helm!.valuesObject;
    const { values: byFlux } = release!.spec as never as { values: object };
    expect(byFlux).toEqual(byArgo);
    values.parse(byFlux);
    const paths = [
      ...of('Kustomization', 'kustomize.toolkit.fluxcd.io').map(({ spec }) => String(spec['path'])),
      ...applications.filter(({ source }) => source.helm === undefined).map(({ source }) => source.path),
    ];
    expect(paths.filter((path) => !existsSync(join(layout, path, 'kustomization.yaml')))).toEqual([]);
    expect(paths).toHaveLength(4);
  });

  test('asks for the audience that is installed, as its issuer wants it', () => {
    const [release] = of('HelmRelease', 'helm.toolkit.fluxcd.io');
    const { audiences } = values.parse((release!.spec as never as { values: object }).values);
    const issuers = of('OAuthIssuer', 'grantor.dev').map(({ spec }) => String(spec['issuer']));
    expect(audiences.map(({ audience }) => audience)).toEqual(issuers);
  });
});

test('the ConfigMap for Argo CD has the same check for each kind', () => {
  const folder = join(root, 'charts/grantor/argocd');
  const lua = readFileSync(join(folder, 'health.lua'), 'utf8');
  const { data } = parse(readFileSync(join(folder, 'argocd-cm.yaml'), 'utf8')) as {
    data: Record<string, string>;
  };
  expect(data).toEqual(
    Object.fromEntries(kinds.map(({ kind }) => [`resource.customizations.health.grantor.dev_${kind}`, lua])),
  );
});

interface Application {
  readonly source: { readonly path: string; readonly helm?: { readonly valuesObject: object } };
}
