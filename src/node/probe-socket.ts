import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import type { Clock } from '../std/clock.ts';
import { seconds } from '../std/duration.ts';
import { plus } from '../std/instant.ts';
import { csiCalls } from './csi-messages.ts';
import { decodeMessage } from './protobuf.ts';
import { encodeMessage } from './protobuf-encode.ts';

const patience = seconds(3);

/**
 * Why nobody answers `Probe` on a socket; undefined where somebody does. It connects as the kubelet would: that shows that the plug-in can
 * be reached, and not only that its process is there.
 */
export function probeSocket(socket: string, clock: Clock): Promise<string | undefined> {
  const client = new Client(`unix:${socket}`, credentials.createInsecure(), { 'grpc.enable_channelz': 0 });
  const { path, request, response } = csiCalls.Probe;
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      () => encodeMessage(request, {}),
      (bytes) => decodeMessage(response, bytes),
      {},
      { deadline: plus(clock.now(), patience) },
      (error: ServiceError | null, answer) => {
        client.close();
        if (error !== null) resolve(`${socket} does not answer: ${error.details.slice(0, 200)}`);
        else resolve(answer?.ready?.value ? undefined : 'the plug-in says that it is not ready');
      },
    );
  });
}
