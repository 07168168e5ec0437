// What takes the place of `undici` in the bundle: the parts of it that the program uses. The whole has fetch, WebSocket, caches and mocks as
// well, which are loaded with it, and are a fifth of the memory of a plug-in that rests.
const Dispatcher = require('undici/lib/dispatcher/dispatcher.js');

Object.assign(Dispatcher.prototype, require('undici/lib/api/index.js'));

exports.Agent = require('undici/lib/dispatcher/agent.js');
exports.Pool = require('undici/lib/dispatcher/pool.js');
exports.ProxyAgent = require('undici/lib/dispatcher/proxy-agent.js');
