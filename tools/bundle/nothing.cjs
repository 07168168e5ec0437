// What takes the place of packages in the bundle that only parts would load which are never used: grpc-js reads .proto files for channelz.
module.exports = {};
