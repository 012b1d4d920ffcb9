/** What a key may be allowed; each is on its own. */
export type Scope = 'read' | 'identify' | 'enroll' | 'delete' | 'admin'

/**
 * What a request costs: a photograph is looked at, embeddings are searched, a large file is taken, or much less than any
 * of these.
 */
export type Work = 'photo' | 'search' | 'upload' | 'little'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the key has to allow; nothing below /v1 and /api is without. */
    scope?: Scope
    /** Default: little. */
    work?: Work
  }
}
