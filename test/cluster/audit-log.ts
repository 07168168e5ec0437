import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import * as z from 'zod';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { type Duration, milliseconds, seconds } from '../../src/std/duration.ts';

/** One line of the log: what we read of `audit.k8s.io/v1` Event. */
const eventSchema = z.object({
  auditID: z.string(),
  stage: z.enum(['ResponseStarted', 'ResponseComplete', 'Panic']),
  requestURI: z.string(),
  verb: z.string(),
  user: z.object({ username: z.string().default('') }),
  userAgent: z.string().default(''),
  objectRef: z
    .object({
      apiGroup: z.string().optional(),
      resource: z.string().optional(),
      subresource: z.string().optional(),
      namespace: z.string().optional(),
      name: z.string().optional(),
    })
    .default({}),
  requestObject: z.unknown().optional(),
  responseStatus: z.object({ code: z.int().optional(), message: z.string().optional() }).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  stageTimestamp: z.iso.datetime({ precision: 6 }),
});

/** A request as the API server saw it. */
export interface AuditEvent {
  readonly id: string;
  /** `false` for a watch that is still open. */
  readonly complete: boolean;
  readonly user: string;
  readonly userAgent: string;
  readonly verb: string;
  /** Empty for what is in the core of the API. */
  readonly group: string;
  /** Empty for a path outside the API, such as `/openid/v1/jwks`. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly uri: string;
  readonly code: number;
  /** Why, where the server gave a reason. */
  readonly message: string;
  /** What was sent; undefined where the policy keeps it out. */
  readonly body: unknown;
  /** What authorization and admission noted. */
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339, with microseconds, as written. */
  readonly at: string;
}

export interface AuditReading {
  readonly events: readonly AuditEvent[];
  /** Where the next reading begins. */
  readonly offset: number;
}

const chunkBytes = 1024 * 1024;

/**
 * The events after `fromOffset` bytes of `file`. A last line that is still being written is left for the next reading. Throws on a line that is
 * no audit event: a figure from a log that is only half understood would be wrong.
 */
export function readAudit(file: string, fromOffset = 0): AuditReading {
  const events: AuditEvent[] = [];
  const descriptor = openSync(file, 'r');
  try {
    const size = fstatSync(descriptor).size;
    const buffer = Buffer.alloc(chunkBytes);
    let offset = fromOffset;
    while (offset < size) {
      const read = readSync(descriptor, buffer, 0, Math.min(chunkBytes, size - offset), offset);
      const end = buffer.subarray(0, read).lastIndexOf(0x0a) + 1;
      if (end === 0 && read === chunkBytes)
        throw new Error(`${file}: the line at byte ${offset} is longer than 1 MiB`);
      if (end === 0) break;
      for (const line of buffer.toString('utf8', 0, end - 1).split('\n')) events.push(parseLine(line, file));
      offset += end;
    }
    return { events, offset };
  } finally {
    closeSync(descriptor);
  }
}

function parseLine(line: string, file: string): AuditEvent {
  const { auditID, stage, user, objectRef, responseStatus, requestURI, stageTimestamp, ...event } = decode(
    line,
    file,
  );
  return {
    id: auditID,
    complete: stage !== 'ResponseStarted',
    user: user.username,
    userAgent: event.userAgent,
    verb: event.verb,
    group: objectRef.apiGroup ?? '',
    resource: objectRef.resource ?? '',
    subresource: objectRef.subresource ?? '',
    namespace: objectRef.namespace ?? '',
    name: objectRef.name ?? '',
    uri: requestURI,
    code: responseStatus.code ?? 0,
    message: responseStatus.message ?? '',
    body: event.requestObject,
    annotations: event.annotations,
    at: stageTimestamp,
  };
}

function decode(line: string, file: string): z.infer<typeof eventSchema> {
  try {
    return eventSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new Error(`${file} holds a line that is no audit event: ${line.slice(0, 120)}`, { cause });
  }
}

/** Fields that must be equal; a field that is left out matches everything, `subresource: ''` the resource itself. */
export type AuditFilter = Partial<
  Pick<AuditEvent, 'user' | 'verb' | 'resource' | 'subresource' | 'namespace' | 'name' | 'code'>
>;

/** The requests that match, each once: a watch is logged when it begins and again when it ends. */
export function selectRequests(events: readonly AuditEvent[], filter: AuditFilter = {}): AuditEvent[] {
  const wanted = Object.entries(filter);
  const requests = new Map<string, AuditEvent>();
  for (const event of events) {
    if (wanted.every(([field, value]) => event[field as keyof AuditFilter] === value))
      requests.set(event.id, event);
  }
  return [...requests.values()];
}

/** How often each kind of request was made: `create serviceaccounts/token` → 12. For figures and for messages of failed tests. */
export function tallyRequests(
  events: readonly AuditEvent[],
  filter: AuditFilter = {},
): Record<string, number> {
  const tally: Record<string, number> = {};
  for (const { verb, resource, subresource, uri } of selectRequests(events, filter)) {
    const target = resource === '' ? uri : [resource, subresource].filter(Boolean).join('/');
    tally[`${verb} ${target}`] = (tally[`${verb} ${target}`] ?? 0) + 1;
  }
  return tally;
}

const writingVerbs = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);
/** Kinds that are answered and never stored. */
const questions =
  /^(tokenreviews|subjectaccessreviews|localsubjectaccessreviews|selfsubjectaccessreviews|selfsubjectrulesreviews|selfsubjectreviews)$/;

/**
 * The requests that changed etcd, by what the log says: accepted writes, without dry runs, TokenRequests and reviews. A patch that changed nothing is
 * counted although the API server spares etcd that one, so the figure is never too low.
 */
export function selectEtcdWrites(events: readonly AuditEvent[], filter: AuditFilter = {}): AuditEvent[] {
  return selectRequests(events, filter).filter(
    ({ verb, resource, subresource, code, uri }) =>
      writingVerbs.has(verb) &&
      code >= 200 &&
      code < 300 &&
      resource !== '' &&
      !questions.test(resource) &&
      !(resource === 'serviceaccounts' && subresource === 'token') &&
      !new URLSearchParams(uri.split('?')[1]).has('dryRun'),
  );
}

/**
 * Reads until an event matches, since a request is logged a moment after it was answered. Resolves with everything that was read; throws after
 * `within` with what was seen instead.
 */
export async function awaitRequest(
  file: string,
  filter: AuditFilter,
  { fromOffset = 0, within = seconds(5) }: { fromOffset?: number; within?: Duration } = {},
): Promise<AuditReading> {
  const giveUpAt = systemClock.now() + within;
  for (;;) {
    const reading = readAudit(file, fromOffset);
    if (selectRequests(reading.events, filter).length > 0) return reading;
    if (systemClock.now() > giveUpAt) {
      throw new Error(
        `no request ${JSON.stringify(filter)} in ${file}; seen: ${JSON.stringify(tallyRequests(reading.events))}`,
      );
    }
    await sleep(systemClock, milliseconds(50));
  }
}
