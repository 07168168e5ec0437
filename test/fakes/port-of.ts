import type { AddressInfo, Server } from 'node:net';

/** The port of a server that listens on TCP. */
export const portOf = (server: Server): number => (server.address() as AddressInfo).port;
