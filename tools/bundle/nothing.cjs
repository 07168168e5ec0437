// What takes the place in the bundle of what only parts would load which are never used: grpc-js reads .proto files for channelz, the reader
// of kubeconfigs makes clients for all of Kubernetes, OpenTelemetry asks each operating system for the id of the machine.
module.exports = {};
