/**
 * A client of the server, typed by its OpenAPI. It has no module of Node: a page may use it too.
 */

export { type ConnectOptions, connect } from './client.js'
export type { components, operations, paths } from './generated/api.js'
