import { DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { sleep } from '../std/clock.ts';
import { minutes, seconds } from '../std/duration.ts';
import { type Instant, plus } from '../std/instant.ts';
import { openTracer } from './open-tracer.ts';
import { samplerOf } from './sampler.ts';
import { toldExport } from './told-export.ts';
import { traceIDs } from './trace-ids.ts';
import type { Tracing, TracingOptions } from './tracing.ts';
import type { TracingSettings } from './tracing-settings.ts';

/** No longer than this does sending what is left hold up the end of the program. */
const lastSend = seconds(2);
/** Nothing that we say of a span is longer. */
const longestValue = 256;

/**
 * Traces by the SDK of OpenTelemetry. Spans wait in a bounded queue and are dropped where it is full. Nothing is made known to the rest of the
 * process: what is traced is what uses the tracer.
 */
export function traceByOpenTelemetry(settings: TracingSettings, options: TracingOptions): Tracing {
  const { service, version, clock, rng, log } = options;
  tellOfDrops(options);
  const ids = traceIDs(rng);
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': service, 'service.version': version }))
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(settings),
    idGenerator: ids,
    spanLimits: { attributeValueLengthLimit: longestValue },
    spanProcessors: [
      new BatchSpanProcessor({ ...settings.batch, exporter: toldExport(new OTLPTraceExporter(), log) }),
    ],
  });
  return {
    tracer: openTracer(provider.getTracer('grantor', version), ids),
    async stop() {
      const sent = provider.shutdown().catch(() => {});
      await Promise.race([sent, sleep(clock, lastSend)]);
    },
  };
}

/** What the SDK warns of, spans that were dropped among it, once in a minute. Its errors hold what a collector answered: `toldExport` tells of those. */
function tellOfDrops({ log, clock }: TracingOptions): void {
  let quietUntil: Instant | undefined;
  const silent = (): void => {};
  const warn = (message: string): void => {
    const now = clock.now();
    if (quietUntil !== undefined && now < quietUntil) return;
    quietUntil = plus(now, minutes(1));
    log.warn({ error: message.slice(0, 256) }, 'traces are not complete');
  };
  diag.setLogger(
    { warn, error: silent, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
