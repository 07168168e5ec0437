import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type OTLPReceiver, startOTLPReceiver } from '../../test/tracing/otlp-receiver.ts';
import { systemClock } from '../std/clock.ts';
import { systemRng } from '../std/rng.ts';
import { noTracer, type Tracer } from '../std/tracer.ts';
import { startTracing, type Tracing } from './tracing.ts';

let receiver: OTLPReceiver;
let tracing: Tracing | undefined;
const lines: { level: string; fields: Record<string, unknown>; message: string }[] = [];
const log = {
  info: (fields: object, message: string) =>
    void lines.push({ level: 'info', fields: { ...fields }, message }),
  warn: (fields: object, message: string) =>
    void lines.push({ level: 'warn', fields: { ...fields }, message }),
};

/** The exporter reads the environment of the process, as it does in the program. */
async function start(environment: Readonly<Record<string, string>> = {}): Promise<Tracer> {
  const all = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '20', ...environment };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  const common = { clock: systemClock, rng: systemRng, log };
  tracing = await startTracing({
    ...common,
    service: 'grantor-test',
    version: '1.2.3',
    environment: process.env,
  });
  return tracing.tracer;
}

/** What is left is sent. */
async function end(): Promise<void> {
  await tracing?.stop();
  tracing = undefined;
}

beforeEach(async () => {
  receiver = await startOTLPReceiver();
});
afterEach(async () => {
  await end();
  await receiver.close();
  vi.unstubAllEnvs();
  lines.length = 0;
});

const correlationID = '0b9b3c1e-5f0e-4c6a-9d53-2f1a7c0e8b11';
const traceID = correlationID.replaceAll('-', '');
const reconcile = {
  attributes: { 'grantor.controller': 'binding', 'grantor.correlation_id': correlationID },
};

describe('tracing', () => {
  it('sends spans with what the service is, and nothing that nobody asked for', async () => {
    const tracer = await start({
      OTEL_RESOURCE_ATTRIBUTES: 'k8s.pod.name=grantor-0,deployment.environment.name=test',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=observability',
    });
    await tracer.span('reconcile', reconcile, (span) =>
      Promise.resolve(span.set({ 'grantor.outcome': 'done' })),
    );
    await end();
    expect(receiver.spans).toMatchObject([
      {
        traceID,
        parentID: '',
        kind: 'internal',
        failed: false,
        attributes: {
          'grantor.controller': 'binding',
          'grantor.correlation_id': correlationID,
          'grantor.outcome': 'done',
        },
        more: [],
      },
    ]);
    expect(Object.keys(receiver.spans[0]!.resource).sort()).toEqual([
      ...['deployment.environment.name', 'k8s.pod.name', 'service.name', 'service.version'],
      ...['telemetry.sdk.language', 'telemetry.sdk.name', 'telemetry.sdk.version'],
    ]);
    expect(receiver.spans[0]).toMatchObject({
      service: 'grantor-test',
      resource: { 'service.version': '1.2.3' },
    });
    expect(receiver.requests[0]).toMatchObject({ 'x-tenant': 'observability' });
  });

  it('makes of what begins within a span a part of it, and of a request the traceparent', async () => {
    const tracer = await start();
    let traceparent: string | undefined;
    await tracer.span('reconcile', reconcile, () =>
      tracer.span('token', { attributes: {} }, () =>
        tracer.span('issuer', { title: 'POST token request', attributes: {} }, async ({ headers }) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          traceparent = headers['traceparent'];
        }),
      ),
    );
    await end();
    const [issuer, token, root] = receiver.spans;
    expect([issuer!.name, token!.name, root!.name]).toEqual([
      'POST token request',
      'obtain token',
      'reconcile {controller}',
    ]);
    expect([issuer!.parentID, token!.parentID, root!.parentID]).toEqual([token!.spanID, root!.spanID, '']);
    expect(traceparent).toBe(`00-${traceID}-${issuer!.spanID}-01`);
  });

  it('goes on with the trace of a caller, and begins one where what it was given is none', async () => {
    const tracer = await start();
    const caller = '4bf92f3577b34da6a3ce929d0e0e4736';
    for (const traceparent of [`00-${caller}-00f067aa0ba902b7-01`, 'nonsense'])
      await tracer.span('answer', { attributes: {}, traceparent }, () => Promise.resolve());
    await end();
    expect(receiver.spans[0]).toMatchObject({ traceID: caller, parentID: '00f067aa0ba902b7' });
    expect(receiver.spans[1]).toMatchObject({ parentID: '' });
    expect(receiver.spans[1]!.traceID).not.toBe(caller);
  });

  it('keeps no trace of which its caller keeps none', async () => {
    const tracer = await start();
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';
    const headers = await tracer.span(
      'answer',
      { attributes: {}, traceparent },
      async (span) => span.headers,
    );
    await end();
    expect(receiver.spans).toEqual([]);
    expect(headers['traceparent']).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-00$/);
  });

  it('has a request to the API server as a part of something, and not by itself', async () => {
    const tracer = await start();
    const api = () => tracer.span('api', { attributes: {} }, ({ headers }) => Promise.resolve(headers));
    expect(await api()).toEqual({});
    expect(await tracer.span('reconcile', reconcile, api)).toHaveProperty('traceparent');
    await end();
    expect(receiver.spans.map(({ name }) => name)).toEqual(['{method} {path}', 'reconcile {controller}']);
  });

  it('lets what outlives its work begin a trace of its own, which names that', async () => {
    const tracer = await start();
    const left = Promise.withResolvers<void>();
    let later: Promise<unknown> = Promise.resolve();
    await tracer.span('publish', { attributes: {} }, async () => {
      later = left.promise.then(() => tracer.span('token', { attributes: {} }, () => Promise.resolve()));
    });
    left.resolve();
    await later;
    await end();
    const [publish, token] = receiver.spans;
    expect(token).toMatchObject({ parentID: '', links: [publish!.traceID] });
    expect(token!.traceID).not.toBe(publish!.traceID);
  });

  it('says of what failed with which word, and of what was thrown its name alone', async () => {
    const tracer = await start();
    await tracer.span('token', { attributes: {} }, (span) => Promise.resolve(span.fail('IssuerUnavailable')));
    const thrown = tracer.span('token', { attributes: {} }, () =>
      Promise.reject(new TypeError('it said made-up-credential-of-a-test')),
    );
    await expect(thrown).rejects.toThrow(TypeError);
    await end();
    expect(receiver.spans.map(({ attributes }) => attributes['error.type'])).toEqual([
      'IssuerUnavailable',
      'TypeError',
    ]);
    expect(receiver.spans).toMatchObject([
      { failed: true, more: [] },
      { failed: true, more: [] },
    ]);
  });

  it('keeps as many traces as the sampler of the environment says', async () => {
    const tracer = await start({
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0',
    });
    await tracer.span('reconcile', reconcile, () => Promise.resolve());
    await end();
    expect(receiver.spans).toEqual([]);
  });
});

describe('a collector', () => {
  const work = (count: number): Promise<unknown> =>
    Promise.all(
      Array.from({ length: count }, () =>
        tracing!.tracer.span('publish', { attributes: {} }, () => Promise.resolve()),
      ),
    );

  it('that fails costs one line, without what it answered, and one when it is well again', async () => {
    await start();
    receiver.answer(400);
    for (let round = 1; round <= 3; round++) {
      await work(1);
      await vi.waitFor(() => expect(receiver.requests).toHaveLength(round), 5000);
    }
    receiver.answer(200);
    await vi.waitFor(async () => {
      await work(1);
      expect(receiver.spans.length).toBeGreaterThan(0);
    }, 5000);
    await end();
    expect(lines).toEqual([
      {
        level: 'warn',
        fields: { error: 'status 400' },
        message: 'traces cannot be sent; they are lost until they can',
      },
      { level: 'info', fields: {}, message: 'traces are sent again' },
    ]);
  });

  it('that never answers holds up neither the work nor, for more than two seconds, the end', async () => {
    await start({ OTEL_BSP_MAX_QUEUE_SIZE: '64', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '16' });
    receiver.answer('never');
    const began = performance.now();
    await work(5000);
    expect(performance.now() - began).toBeLessThan(2000);
    const stopped = performance.now();
    await end();
    expect(performance.now() - stopped).toBeLessThan(2500);
  });

  it('that is slow has spans dropped once there are too many, and that is told', async () => {
    await start({ OTEL_BSP_MAX_QUEUE_SIZE: '16', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '8' });
    await work(200);
    await vi.waitFor(async () => {
      await work(1);
      expect(lines).toMatchObject([{ level: 'warn', message: 'traces are not complete' }]);
    }, 5000);
  });
});

describe('no tracing', () => {
  it.each([
    ['without an endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    ['where it is switched off', { OTEL_SDK_DISABLED: 'true' }],
    ['where there is to be no exporter', { OTEL_TRACES_EXPORTER: 'none' }],
  ])('is there %s, silently', async (_, environment) => {
    expect(await start(environment)).toBe(noTracer);
    expect(lines).toEqual([]);
  });

  it.each([
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      'OTEL_EXPORTER_OTLP_PROTOCOL may be http/protobuf only, usually on port 4318',
    ],
    [{ OTEL_TRACES_EXPORTER: 'zipkin' }, 'OTEL_TRACES_EXPORTER may be otlp or none'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT is not an http(s) URL'],
  ])('is there for what cannot be done, and the program goes on: %o', async (environment, error) => {
    expect(await start(environment as Record<string, string>)).toBe(noTracer);
    expect(lines).toMatchObject([{ level: 'warn', fields: { error } }]);
  });
});
