import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { TracingOptions } from './tracing.ts';

/** As `ExportResultCode` has it. */
const succeeded = 0;

/** An exporter that says once that spans cannot be sent, and once that they can again. What was answered is not repeated: it may hold anything. */
export function toldExport(exporter: SpanExporter, log: TracingOptions['log']): SpanExporter {
  let failing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const code: number = result.code;
        const failed = code !== succeeded;
        if (failed && !failing)
          log.warn({ error: nameOf(result.error) }, 'traces cannot be sent; they are lost until they can');
        else if (!failed && failing) log.info({}, 'traces are sent again');
        failing = failed;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}

/** Its code, which is one of HTTP or of the system, or its name. */
function nameOf(error: Error | undefined): string {
  const code = error !== undefined && 'code' in error ? error.code : undefined;
  return typeof code === 'number'
    ? `status ${code}`
    : typeof code === 'string'
      ? code
      : (error?.name ?? 'unknown');
}
