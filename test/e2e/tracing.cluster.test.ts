import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { spanAttributes } from '../../src/std/spans.ts';
import { FragmentIndex } from '../canary/fragment-index.ts';
import type { ReceivedSpan } from '../tracing/otlp-messages.ts';
import { startOTLPReceiver } from '../tracing/otlp-receiver.ts';
import { look } from './look.ts';
import { anIssuer, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

const tenant = 'traced';
const receiver = await startOTLPReceiver();

describe.runIf(onOwnControlPlane())('where a collector is named', () => {
  // After the programs have sent what they had left: it is searched like everything else that a run leaves.
  afterAll(async () => {
    if (existsSync(stage.dir)) writeFileSync(join(stage.dir, 'traces.log'), receiver.bytes());
    await receiver.close();
  });
  const stage = useStage({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '100' },
  });
  const see = look(stage);

  /** The trace of the token that was delivered, from the outside in. */
  let trace: readonly ReceivedSpan[] = [];
  const isRootOf = ({ name, traceID }: ReceivedSpan): boolean =>
    name === 'reconcile workloadidentitybinding' && trace.every((other) => other.traceID === traceID);
  const spanOf = (name: string): ReceivedSpan | undefined => trace.find((span) => span.name === name);
  const pathTo = (span: ReceivedSpan | undefined): readonly string[] =>
    span === undefined
      ? []
      : [
          ...pathTo(trace.find(({ spanID }) => spanID === span.parentID)),
          `${String(span.service)}: ${span.name}`,
        ];

  beforeAll(async () => {
    await stage.apply([anIssuer({ url: stage.issuerURL }), ...aTenant(tenant), ...aWorkload(tenant)]);
    await see.until('binding', `${tenant}/api`, 'True');
    const { traceID } = await receiver.until(({ name }) => name === 'obtain token');
    trace = receiver.spans;
    await receiver.until((span) => span.traceID === traceID && span.name.startsWith('reconcile'));
    await receiver.until((span) => span.traceID === traceID && span.name === 'POST /token');
    trace = receiver.spans.filter((span) => span.traceID === traceID);
  });

  test('one trace leads from the reconcile to the answer of the issuer, through two processes', () => {
    expect(pathTo(spanOf('POST /token'))).toEqual([
      'grantor-controller: reconcile workloadidentitybinding',
      'grantor-controller: obtain token',
      'grantor-controller: POST token request',
      'grantor-issuer: POST /token',
    ]);
    expect(trace.find(isRootOf)).toMatchObject({
      kind: 'internal',
      failed: false,
      attributes: { 'k8s.namespace.name': tenant, 'grantor.object.name': 'api' },
    });
    expect(spanOf('POST token request')).toMatchObject({
      kind: 'client',
      attributes: {
        'http.response.status_code': 200,
        'server.address': '127.0.0.1',
        'grantor.tenant': tenant,
      },
    });
  });

  test('in it are the request for the ServiceAccount token, the Secret and the status', () => {
    for (const [name, status] of [
      ['POST /api/v1/namespaces/{namespace}/serviceaccounts/{name}/token', 201],
      ['POST /api/v1/namespaces/{namespace}/secrets', 201],
      ['PATCH /apis/grantor.dev/v1alpha1/namespaces/{namespace}/workloadidentitybindings/{name}/status', 200],
    ] as const)
      expect(spanOf(name)).toMatchObject({
        kind: 'client',
        attributes: { 'k8s.namespace.name': tenant, 'http.response.status_code': status },
      });
  });

  test('its id is the one that the audit trail has, and the issuer', () => {
    const lines = readFileSync(join(stage.dir, 'controller-1.log'), 'utf8').split('\n');
    const issued = lines
      .filter((line) => line.includes('dev.grantor.token.issue.v1'))
      .map((line) => (JSON.parse(line) as { data: { binding: string; correlationID: string } }).data)
      .find(({ binding }) => binding === `${tenant}/api`);
    expect(issued?.correlationID.replaceAll('-', '')).toBe(trace[0]?.traceID);
    expect(spanOf('POST /token')?.attributes['grantor.correlation_id']).toBe(issued?.correlationID);
  });

  test('nothing is exported but what the reference lists', () => {
    const names = new Set(receiver.spans.flatMap(({ attributes }) => Object.keys(attributes)));
    expect([...names].filter((name) => !(name in spanAttributes))).toEqual([]);
    expect(receiver.spans.flatMap(({ more }) => more)).toEqual([]);
    // Of what is called by names, the names stay out of titles.
    expect(receiver.spans.map(({ name }) => name).filter((name) => name.includes(tenant))).toEqual([]);
  });

  test('no secret of those that were used is in what was exported', async () => {
    const content = await see.content(`${tenant}/api-token`);
    const secrets = [
      content?.['token'] ?? '',
      ...['initial-access-token', 'cluster-token'].map((file) => readFileSync(join(stage.dir, file), 'utf8')),
    ];
    expect(secrets.every((secret) => secret.length > 16)).toBe(true);
    expect(new FragmentIndex(secrets).search(receiver.bytes())).toEqual([]);
    expect(receiver.bytes().includes('Bearer')).toBe(false);
    // It does find what is there.
    const planted = Buffer.concat([receiver.bytes(), Buffer.from(secrets[1] ?? '')]);
    expect(new FragmentIndex(secrets).search(planted)).toHaveLength(1);
  });
});
