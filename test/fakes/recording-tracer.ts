import { spans } from '../../src/std/spans.ts';
import type { Tracer } from '../../src/std/tracer.ts';

/** A span as it ended. */
export interface RecordedSpan {
  readonly title: string;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
}

/** A tracer that a test can read; what is sent within a span says that it is `of this span`. */
export function recordingTracer(): Tracer & { readonly ended: RecordedSpan[] } {
  const ended: RecordedSpan[] = [];
  return {
    ended,
    async span(name, { title = spans[name].title, ...start }, work) {
      const attributes: Record<string, string | number | undefined> = { ...start.attributes };
      try {
        return await work({
          headers: { traceparent: 'of this span' },
          set: (more) => void Object.assign(attributes, more),
          fail: (type) => void (attributes['error.type'] = type),
        });
      } finally {
        ended.push({ title, attributes });
      }
    },
  };
}
