// An S3 server on this machine for tests of what lies in object storage: s3rver, an implementation of its own, behind a
// proxy that gives it what S3 has and it has not: writes on a condition, and objects that are seen whole or not at all.
export { type ObjectStore, startObjectStore } from './server.js'
