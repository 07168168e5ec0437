const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** What the environment says of tracing, by the variables of the OpenTelemetry specification that the exporter does not read itself. */
export interface TracingSettings {
  readonly sampler: (typeof samplers)[number];
  /** Of the traces that begin here, where the sampler has a ratio. */
  readonly ratio: number;
  readonly batch: {
    readonly scheduledDelayMillis: number;
    readonly exportTimeoutMillis: number;
    readonly maxQueueSize: number;
    readonly maxExportBatchSize: number;
  };
  /** What cannot be read and counts as if it was not there, one sentence each. */
  readonly problems: readonly string[];
}

/**
 * Nothing where tracing is off: no endpoint, or somebody says so. What cannot be served, such as gRPC, is a sentence: whoever sets such variables
 * for all programs of a cluster must not stop this one.
 */
export function tracingSettings(environment: NodeJS.ProcessEnv): TracingSettings | string | undefined {
  /** An empty variable is one that is not set. */
  const read = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const own = read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const endpoint = own ?? read('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (endpoint === undefined || read('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined;
  const exporter = read('OTEL_TRACES_EXPORTER') ?? 'otlp';
  if (exporter === 'none') return undefined;
  if (exporter !== 'otlp') return 'OTEL_TRACES_EXPORTER may be otlp or none';
  const name = own === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
  // Its value may hold credentials.
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) return `${name} is not an http(s) URL`;
  const protocol = read('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? read('OTEL_EXPORTER_OTLP_PROTOCOL');
  if (protocol !== undefined && protocol !== 'http/protobuf')
    return 'OTEL_EXPORTER_OTLP_PROTOCOL may be http/protobuf only, usually on port 4318';

  const problems: string[] = [];
  const number = (variable: string, otherwise: number, isRight: (value: number) => boolean): number => {
    const text = read(variable);
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (isRight(value)) return value;
    problems.push(`${variable} is not a number that it may be; it is ${otherwise}`);
    return otherwise;
  };
  const wholeNumber = (variable: string, otherwise: number): number =>
    number(variable, otherwise, (value) => Number.isInteger(value) && value > 0 && value < 2 ** 31);

  const wanted = read('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  const sampler = samplers.find((known) => known === wanted);
  if (sampler === undefined) problems.push('OTEL_TRACES_SAMPLER is none that is known; every trace is kept');
  return {
    sampler: sampler ?? 'parentbased_always_on',
    ratio: number('OTEL_TRACES_SAMPLER_ARG', 1, (value) => value >= 0 && value <= 1),
    batch: {
      scheduledDelayMillis: wholeNumber('OTEL_BSP_SCHEDULE_DELAY', 5000),
      exportTimeoutMillis: wholeNumber('OTEL_BSP_EXPORT_TIMEOUT', 30_000),
      maxQueueSize: wholeNumber('OTEL_BSP_MAX_QUEUE_SIZE', 2048),
      maxExportBatchSize: wholeNumber('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512),
    },
    problems,
  };
}
