import protobuf from 'protobufjs';

/**
 * The messages that a kubelet and a node plug-in exchange, for a library of Protocol Buffers: what the plug-in writes and reads is checked
 * with somebody else's encoding.
 */
const csi = `syntax = "proto3";
package csi.v1;
message Empty {}
message GetPluginInfoResponse { string name = 1; string vendor_version = 2; map<string, string> manifest = 3; }
message PluginCapability { message Service { int32 type = 1; } oneof type { Service service = 1; } }
message GetPluginCapabilitiesResponse { repeated PluginCapability capabilities = 1; }
message BoolValue { bool value = 1; }
message ProbeResponse { BoolValue ready = 1; }
message NodeGetInfoResponse { string node_id = 1; int64 max_volumes_per_node = 2; Empty accessible_topology = 3; }
message NodeServiceCapability { message RPC { int32 type = 1; } oneof type { RPC rpc = 1; } }
message NodeGetCapabilitiesResponse { repeated NodeServiceCapability capabilities = 1; }
message VolumeCapability {
  message BlockVolume {}
  message MountVolume { string fs_type = 1; repeated string mount_flags = 2; string volume_mount_group = 3; }
  message AccessMode { int32 mode = 1; }
  oneof access_type { BlockVolume block = 1; MountVolume mount = 2; }
  AccessMode access_mode = 3;
}
message NodePublishVolumeRequest {
  string volume_id = 1;
  map<string, string> publish_context = 2;
  string staging_target_path = 3;
  string target_path = 4;
  VolumeCapability volume_capability = 5;
  bool readonly = 6;
  map<string, string> secrets = 7;
  map<string, string> volume_context = 8;
}
message NodeUnpublishVolumeRequest { string volume_id = 1; string target_path = 2; }
message ControllerServiceCapability { message RPC { int32 type = 1; } oneof type { RPC rpc = 1; } }
message ControllerGetCapabilitiesResponse { repeated ControllerServiceCapability capabilities = 1; }
message CreateVolumeRequest { string name = 1; }
message Volume { int64 capacity_bytes = 1; string volume_id = 2; map<string, string> volume_context = 3; }
message CreateVolumeResponse { Volume volume = 1; }`;

const registration = `syntax = "proto3";
package pluginregistration;
message Empty {}
message PluginInfo { string type = 1; string name = 2; string endpoint = 3; repeated string supported_versions = 4; }
message RegistrationStatus { bool plugin_registered = 1; string error = 2; }`;

const root = new protobuf.Root();
for (const text of [csi, registration]) protobuf.parse(text, root, { keepCase: true });

/** A message of one of the two protocols, such as `csi.v1.NodePublishVolumeRequest`. */
export const messageType = (name: string): protobuf.Type => root.lookupType(name);
