/**
 * @arcface/server: face recognition behind HTTP.
 *
 * In: a configuration; requests with photographs or embeddings. Out: verdicts that name their threshold and the error rate
 * that it stands for, as JSON; every failure as a problem document (RFC 9457) with a code. One process over one model and
 * any number of galleries; several over the same object storage need nothing of each other.
 */

export type { App } from './app/app.js'
export { type AuditFilter, type AuditSummary, isWanted, summaryOf } from './audit/filter.js'
export type { AuditLine } from './audit/line.js'
export { AuditLog } from './audit/log.js'
export { readAudit } from './audit/read.js'
export {
  type AuditChain,
  type AuditProblem,
  type AuditReport,
  verifyAudit,
} from './audit/verify.js'
export {
  auditOf,
  type ConfigSource,
  checkConfig,
  dataFolder,
  formatConfig,
  keysOf,
  loadConfig,
} from './config/load.js'
export type { ServerConfig } from './config/schema.js'
export { ServerError, type ServerErrorCode, serverErrors } from './errors.js'
export type { Scope } from './http/route.js'
export { type CheckedKey, type Key, stateOf } from './keys/key.js'
export { KeyFile, type WantedKey } from './keys/key-file.js'
export { buildServer } from './serve/build.js'
export { closeApp, type OpenOptions, openApp } from './serve/open.js'
export { type RunningServer, startServer } from './serve/start.js'
