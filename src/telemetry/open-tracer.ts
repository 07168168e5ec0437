import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type Tracer as OpenTracer,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { type SpanAttribute, type SpanDefinition, spans } from '../std/spans.ts';
import { noTracer, type Tracer } from '../std/tracer.ts';
import type { TraceIDs } from './trace-ids.ts';
import { formatTraceparent, parseTraceparent, traceIDOf } from './traceparent.ts';

const kinds = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT, server: SpanKind.SERVER } as const;

/** Work that is, or was, under way. */
interface Current {
  readonly span: Span;
  over: boolean;
}

/** A tracer of ours over one of OpenTelemetry's. */
export function openTracer(tracer: OpenTracer, ids: TraceIDs): Tracer {
  const current = new AsyncLocalStorage<Current>();
  return {
    span(name, start, work) {
      const { title, kind, begins }: SpanDefinition = spans[name];
      const before = current.getStore();
      // What outlives the work that it came from, such as a timer, is no part of it any more.
      const outer = before?.over === false && begins !== 'always' ? before.span : undefined;
      if (outer === undefined && begins === 'never') return noTracer.span(name, start, work);

      const attributes: Readonly<Partial<Record<SpanAttribute, string | number | undefined>>> =
        start.attributes;
      const correlationID = attributes['grantor.correlation_id'];
      const span = ids.during(traceIDOf(correlationID), () =>
        tracer.startSpan(
          start.title ?? title,
          {
            kind: kinds[kind],
            attributes: { ...attributes },
            links: linksTo(outer === undefined ? before?.span : undefined),
          },
          contextOf(outer, start.traceparent),
        ),
      );
      const headers = { traceparent: formatTraceparent(span.spanContext()) };
      const fail = (type: string): void => {
        span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR });
      };
      const now: Current = { span, over: false };
      return current.run(now, async () => {
        try {
          return await work({ headers, fail, set: (more) => span.setAttributes({ ...more }) });
        } catch (error) {
          fail(error instanceof Error ? error.name : typeof error);
          throw error;
        } finally {
          now.over = true;
          span.end();
        }
      });
    },
  };
}

/** What it came from, if that is no longer there to be part of. */
const linksTo = (span: Span | undefined): { readonly context: SpanContext }[] =>
  span === undefined ? [] : [{ context: span.spanContext() }];

function contextOf(outer: Span | undefined, traceparent: string | undefined): Context {
  if (outer !== undefined) return trace.setSpan(ROOT_CONTEXT, outer);
  const parent = traceparent === undefined ? undefined : parseTraceparent(traceparent);
  return parent === undefined
    ? ROOT_CONTEXT
    : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
}
