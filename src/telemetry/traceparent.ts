/** Which span a request is part of (W3C Trace Context, section 3.2). */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

const form =
  /^(?<version>[0-9a-f]{2})-(?<trace>[0-9a-f]{32})-(?<span>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?<more>-.*)?$/;

/** Reads `traceparent`, also of later versions; nothing where it is none. */
export function parseTraceparent(header: string): TraceParent | undefined {
  if (header.length > 256) return undefined;
  const { version, trace = '', span = '', flags = '', more } = form.exec(header)?.groups ?? {};
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0*$/.test(trace) || /^0*$/.test(span)) return undefined;
  return { traceId: trace, spanId: span, traceFlags: Number.parseInt(flags, 16) };
}

export const formatTraceparent = ({ traceId, spanId, traceFlags }: TraceParent): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;

/** The id of the trace of a piece of work: its correlation id, a UUID, without dashes. Nothing for what has a word instead. */
export function traceIDOf(correlationID: unknown): string | undefined {
  if (typeof correlationID !== 'string') return undefined;
  const isUUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(
    correlationID,
  );
  return isUUID ? correlationID.replaceAll('-', '') : undefined;
}
