import {
  logVerbosity,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  setLogVerbosity,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Clock } from '../std/clock.ts';
import { between } from '../std/instant.ts';
import { OperatorError } from '../std/operator-error.ts';
import { err, type Result } from '../std/result.ts';
import type { Log } from '../telemetry/log.ts';
import type { Call } from './csi-messages.ts';
import { decodeMessage, type Message, type ValuesOf } from './protobuf.ts';
import { encodeMessage, type Sent } from './protobuf-encode.ts';
import { placeFor } from './socket-place.ts';
import type { VolumeFailure } from './volumes.ts';

/** How each of some calls is answered. The signal aborts when the caller goes away, its deadline is over, or the plug-in stops. */
export type Handlers<Calls extends Readonly<Record<string, Call>>> = {
  readonly [Name in keyof Calls]: (
    request: ValuesOf<Calls[Name]['request']>,
    signal: AbortSignal,
  ) => Promise<Result<Sent<Calls[Name]['response']>, VolumeFailure>>;
};

export interface RpcServer {
  /** Cannot be found any more, aborts the calls that run, and gives them a moment to say so. */
  stop(): Promise<void>;
}

const codes: Readonly<Record<VolumeFailure['code'], status>> = {
  InvalidArgument: status.INVALID_ARGUMENT,
  AlreadyExists: status.ALREADY_EXISTS,
  FailedPrecondition: status.FAILED_PRECONDITION,
  Aborted: status.ABORTED,
  Unavailable: status.UNAVAILABLE,
  DeadlineExceeded: status.DEADLINE_EXCEEDED,
  Internal: status.INTERNAL,
};

/** It travels percent-encoded in a header, which holds 64 KiB and no half of a character. An event has room for a kilobyte. */
const fitting = (sentence: string): string => sentence.slice(0, 2048).toWellFormed();

const limits = {
  // A kubelet brings some kilobytes: the tokens of a few audiences.
  'grpc.max_receive_message_length': 1024 * 1024,
  'grpc.max_concurrent_streams': 1024,
  'grpc.enable_channelz': 0,
};

interface Environment {
  readonly log: Log;
  readonly clock: Clock;
}

/** Serves calls on a socket, which takes the place of a predecessor's, whether that was killed or is just ending. */
export async function serveCalls<Calls extends Readonly<Record<string, Call>>>(
  socket: string,
  calls: Calls,
  handlers: Handlers<Calls>,
  { log, clock }: Environment,
): Promise<RpcServer> {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const definition: Record<string, ServiceDefinition[string]> = {};
  const implementation: UntypedServiceImplementation = {};

  for (const [name, { path, request, response }] of Object.entries(calls)) {
    definition[name] = {
      path,
      requestStream: false,
      responseStream: false,
      requestDeserialize: (bytes) => decodeMessage(request, bytes),
      requestSerialize: () => Buffer.alloc(0),
      responseSerialize: (values: object) => encodeMessage(response, values),
      responseDeserialize: () => ({}),
    };
    const handle = handlers[name] as Handlers<Record<string, Call>>[string];

    /** Logged is that there was a call, of which volume, and how it ended: never what came with it. */
    const answer = async (call: ServerUnaryCall<ValuesOf<Message>, object>, signal: AbortSignal) => {
      const startedAt = clock.now();
      const result = await handle(call.request, signal).catch((error: unknown) => {
        log.error({ call: name, error }, 'a call failed unexpectedly');
        return err({ code: 'Internal', message: 'the plug-in failed; its log says how' } as const);
      });
      const { volume_id: volume } = call.request as { readonly volume_id?: string };
      const about = {
        call: name,
        volume: volume?.slice(0, 128),
        milliseconds: between(startedAt, clock.now()),
      };
      if (result.ok) log.debug(about, 'called');
      else log.warn({ ...about, code: result.error.code, error: result.error.message }, 'a call was refused');
      return result;
    };
    implementation[name] = (call: ServerUnaryCall<ValuesOf<Message>, object>, respond: Respond): void => {
      const gone = new AbortController();
      call.on('cancelled', () => gone.abort());
      const answered = answer(call, AbortSignal.any([gone.signal, stopping.signal])).then((result) => {
        running.delete(answered);
        if (result.ok) respond(null, result.value);
        else respond({ code: codes[result.error.code], details: fitting(result.error.message) });
      });
      running.add(answered);
    };
  }

  // It has a log of its own, which knows nothing of secrets; what fails comes back as an error.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server(limits);
  server.addService(definition, implementation);
  const place = placeFor(socket);
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${place.listenOn}`, ServerCredentials.createInsecure(), (error) => {
      if (error === null) resolve();
      else
        reject(
          new OperatorError('NODE_SOCKET', `--kubelet-dir: cannot listen on ${socket}: ${error.message}`),
        );
    });
  });
  await place.take();
  return {
    async stop() {
      await place.leave();
      stopping.abort();
      await Promise.all(running);
      server.forceShutdown();
    },
  };
}

type Respond = (error: { readonly code: status; readonly details: string } | null, value?: object) => void;
