import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { growPopulation } from '../test/stage/population.ts';
import { decodeTraces } from '../test/tracing/otlp-messages.ts';
import { asRatio, atLeast, atMost, type Figure, inHundredths, inKiB, median, told } from './figure.ts';
import { atTheStub, bindings, makeDue, type Rotated, rotateOurs } from './rotate.ts';
import type { Scene } from './scene.ts';

const rounds = 5;

/** 1,000 bindings due at once, with every trace sent to a collector and without tracing; a few times, in turns. */
export async function traced(scene: Scene): Promise<Figure[]> {
  await growPopulation(scene, atTheStub, bindings, scene.report);
  const measured: { readonly on: Rotated; readonly off: Rotated; readonly bodies: readonly Buffer[] }[] = [];
  for (let round = 1; round <= rounds; round++) {
    await makeDue(scene, atTheStub);
    const off = await rotateOurs(scene);
    await makeDue(scene, atTheStub);
    await using sink = await openSink();
    const on = await rotateOurs(scene, { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url });
    measured.push({ on, off, bodies: sink.bodies });
    scene.report(`round ${round} of ${rounds}: ${asRatio(on.own / off.own)} of the CPU without`);
  }
  const cpu = (which: 'on' | 'off'): number =>
    median(measured.map((round) => (round[which].own * 1000) / bindings));
  const tokens = (bodies: readonly Buffer[]): number =>
    bodies.flatMap((body) => decodeTraces(body)).filter(({ name }) => name === 'obtain token').length;
  return [
    atMost('own CPU, of that without tracing', cpu('on') / cpu('off'), 1.5, asRatio),
    told('own CPU each, bare: without', cpu('on'), inHundredths, cpu('off')),
    told('sent each', median(measured.map(({ bodies }) => Buffer.concat(bodies).length / bindings)), inKiB),
    atLeast(
      'traces that came, of those that began',
      median(measured.map(({ bodies }) => tokens(bodies) / bindings)),
      0.99,
      asRatio,
    ),
  ];
}

/** A collector that takes everything and looks at nothing: it is on the same machine. */
async function openSink(): Promise<AsyncDisposable & { readonly url: string; readonly bodies: Buffer[] }> {
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
