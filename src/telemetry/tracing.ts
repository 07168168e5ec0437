import type { Clock } from '../std/clock.ts';
import type { Rng } from '../std/rng.ts';
import { noTracer, type Tracer } from '../std/tracer.ts';
import { tracingSettings } from './tracing-settings.ts';

export interface TracingOptions {
  /** `service.name`, unless the environment has another: `grantor-controller`. */
  readonly service: string;
  readonly version: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}

/** Tracing of one process. */
export interface Tracing {
  readonly tracer: Tracer;
  /** Sends what is left, for two seconds at most. */
  stop(): Promise<void>;
}

const off: Tracing = { tracer: noTracer, stop: () => Promise.resolve() };

/** Traces by OpenTelemetry where the environment names a collector. Where it does not, nothing of OpenTelemetry is loaded. */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  const { environment, log } = options;
  const settings = tracingSettings(environment);
  if (settings === undefined) return off;
  if (typeof settings === 'string') {
    log.warn({ error: settings }, 'no tracing: it cannot be done as the environment says');
    return off;
  }
  for (const problem of settings.problems) log.warn({ error: problem }, 'a variable of tracing is left out');
  const { traceByOpenTelemetry } = await import('./open-telemetry.ts');
  return traceByOpenTelemetry(settings, options);
}
