import protobuf from 'protobufjs';

/**
 * What of the OpenTelemetry protocol carries traces, with the names and numbers of opentelemetry-proto 1.x, for another library of Protocol Buffers
 * than the one that encodes.
 */
const definition = `syntax = "proto3";
message ArrayValue { repeated AnyValue values = 1; }
message AnyValue {
  oneof value {
    string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; ArrayValue array_value = 5; bytes bytes_value = 7;
  }
}
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; }
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
message Link { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4; }
message Status { string message = 2; int32 code = 3; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; fixed32 flags = 16;
  string name = 5; int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9; repeated Event events = 11; repeated Link links = 13; Status status = 15;
}
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }`;

const request = protobuf.parse(definition, { keepCase: true }).root.lookupType('ExportTraceServiceRequest');

type Value = string | number | boolean | undefined;
interface KeyValue {
  readonly key: string;
  readonly value?: Readonly<Record<string, string | number | boolean>>;
}
interface SentSpan {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes?: readonly KeyValue[];
  readonly events?: readonly object[];
  readonly links?: readonly { readonly trace_id: string; readonly span_id: string }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}
interface Sent {
  readonly resource_spans?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] };
    readonly scope_spans?: readonly { readonly spans?: readonly SentSpan[] }[];
  }[];
}

/** A span as a collector gets it. */
export interface ReceivedSpan {
  readonly service: Value;
  readonly resource: Readonly<Record<string, Value>>;
  readonly traceID: string;
  readonly spanID: string;
  /** Empty for the first of a trace. */
  readonly parentID: string;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'other';
  readonly attributes: Readonly<Record<string, Value>>;
  readonly failed: boolean;
  /** Ids of the traces that it refers to. */
  readonly links: readonly string[];
  /** Everything that is no attribute of it: texts that nobody asked for. */
  readonly more: readonly unknown[];
}

const hex = (base64 = ''): string => Buffer.from(base64, 'base64').toString('hex');
const kinds = { 1: 'internal', 2: 'server', 3: 'client' } as const;
const recordOf = (attributes: readonly KeyValue[] = []): Record<string, Value> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value ?? {})[0]]));

/** Reads the body of a request to `/v1/traces`. Throws where it is none. */
export function decodeTraces(body: Uint8Array): ReceivedSpan[] {
  const sent = request.toObject(request.decode(body), { longs: Number, bytes: String }) as Sent;
  return (sent.resource_spans ?? []).flatMap(({ resource, scope_spans = [] }) => {
    const about = recordOf(resource?.attributes);
    return scope_spans
      .flatMap(({ spans = [] }) => spans)
      .map((span) => ({
        service: about['service.name'],
        resource: about,
        traceID: hex(span.trace_id),
        spanID: hex(span.span_id),
        parentID: hex(span.parent_span_id),
        name: span.name,
        kind: kinds[span.kind as 1] ?? 'other',
        attributes: recordOf(span.attributes),
        failed: span.status?.code === 2,
        links: (span.links ?? []).map(({ trace_id }) => hex(trace_id)),
        more: [...(span.events ?? []), ...(span.status?.message ? [span.status.message] : [])],
      }));
  });
}
