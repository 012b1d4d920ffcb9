/**
 * @arcface/server: face recognition behind HTTP.
 *
 * In: a configuration; requests with photographs or embeddings. Out: verdicts that name their threshold and the error rate
 * that it stands for, as JSON; every failure as a problem document (RFC 9457) with a code. One process over one model and
 * any number of galleries; several over the same object storage need nothing of each other.
 */

export { ServerError, type ServerErrorCode, serverErrors } from './errors.js'
