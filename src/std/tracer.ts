import type { SpanName, spans } from './spans.ts';

/** What a span of this name may say: an attribute that is not in its definition does not compile. */
export type AttributesOf<Name extends SpanName> = Readonly<
  Partial<Record<(typeof spans)[Name]['attributes'][number], string | number | undefined>>
>;

/** What is known of a span when it begins. */
export interface SpanStart<Name extends SpanName> {
  /** For a title with variable parts: the whole title. It has few values: no names, no ids. */
  readonly title?: string;
  readonly attributes: AttributesOf<Name>;
  /** `traceparent` of the request that it answers (W3C Trace Context): part of the caller's trace, if it can be read. */
  readonly traceparent?: string | undefined;
}

/** A piece of work that is under way. */
export interface Span<Name extends SpanName> {
  /** What a request carries that is part of it: `traceparent`, or nothing. */
  readonly headers: Readonly<Record<string, string>>;
  set(attributes: AttributesOf<Name>): void;
  /** It failed, and with what: a word of ours, never a message. */
  fail(type: string): void;
}

/** Where work is told of as it is done, for whoever follows it across processes. Costs nothing while nobody does. */
export interface Tracer {
  /** Does `work` within a span. What begins meanwhile, in it or in what it calls, is part of that. */
  span<Name extends SpanName, T>(
    name: Name,
    start: SpanStart<Name>,
    work: (span: Span<Name>) => Promise<T>,
  ): Promise<T>;
}

const untold: Span<SpanName> = { headers: {}, set() {}, fail() {} };

/** Tells nobody. */
export const noTracer: Tracer = {
  span: (_name, _start, work) => work(untold),
};
