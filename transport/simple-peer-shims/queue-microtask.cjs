module.exports = (call) => queueMicrotask(call)
