import type { Galleries } from '@arcface/gallery'
import type { Recognizer } from '@arcface/recognize'
import type { FastifyBaseLogger } from 'fastify'
import type { ServerConfig } from '../config/schema.js'
import type { Once } from '../http/once.js'
import type { Keys } from '../keys/keys.js'

/** What requests are answered with; it belongs to who opened it. */
export interface App {
  readonly config: ServerConfig
  readonly keys: Keys
  readonly recognizer: Recognizer
  readonly galleries: Galleries
  /** Answers to requests that came with a key of their own. */
  readonly once: Once
  readonly log: FastifyBaseLogger
}
